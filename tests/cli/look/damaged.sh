# Of a damaged trace what was known where it ends; not before a moment that was reached.
eyas ps traces/bad/cut-event/cut-event.scap
echo "exit $?"
eyas fds --json traces/bad/cut-event/cut-event.scap | wc -l
eyas ps --at 1 traces/bad/cut-event/cut-event.scap
echo "exit $?"
