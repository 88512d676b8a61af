# What could be read is counted.
eyas top --by syscall traces/bad/cut-event/cut-event.scap
