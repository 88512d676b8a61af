eyas info --json traces/good/every-block.scap traces/bad/event-length/event-length.scap
