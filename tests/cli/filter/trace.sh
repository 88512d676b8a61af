# Events of a trace that a condition selects; a field can be replaced for all of them.
eyas filter eval --trace traces/good/plain.scap 'evt.num < 4'
eyas filter eval --trace traces/good/plain.scap -p '%evt.num %proc.name' --set proc.name=other 'proc.name = other and evt.num < 3'
eyas filter eval --trace traces/good/plain.scap --events 2-3 'evt.num > 0'
eyas filter eval --trace traces/good/plain.scap 'evt.num > 1000'
