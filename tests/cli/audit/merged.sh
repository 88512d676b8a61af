# A trace of system calls and an audit log of the same minutes: alerts in order of time, whatever the order of the
# files, and the same as those of each replayed alone.
trace=traces/good/web-server-shell/incident.eyt
log=$TMP/audit.json
sed 's/T09:0\([1-3]\):00/T09:13:5\1/g; s/T09:0\([4-6]\):00/T09:14:0\1/g' traces/good/k8s-pod-owns-node/incident.json >$log
one() { eyas replay -q --json --iso-time --no-output -r rules "$@"; }
one $trace $log | sed 's/.*"evt.time.iso8601": *\([0-9]*\).*"rule": *\("[^"]*"\).*"source": *\("[^"]*"\).*/\1 \2 \3/'
one $trace $log >$TMP/a
one $log $trace | cmp - $TMP/a && echo same
one $trace - <$log | cmp - $TMP/a && echo same
(one $trace; one $log) | sort >$TMP/b
sort $TMP/a | cmp - $TMP/b && echo same
