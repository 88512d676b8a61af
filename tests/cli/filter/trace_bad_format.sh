eyas filter eval --trace traces/good/plain.scap -p '%proc.nmae' 'evt.num < 3'
