# What could be read of a damaged trace; told once, though it is read twice.
eyas follow --fd 1200:4 traces/bad/cut-event/cut-event.scap
eyas follow traces/bad/cut-event/cut-event.scap evt.is_io=true
