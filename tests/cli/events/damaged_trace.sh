# What could be read is listed.
eyas events traces/bad/cut-event/cut-event.scap
