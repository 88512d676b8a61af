# What could be read of a damaged trace.
eyas tree traces/bad/cut-event/cut-event.scap
