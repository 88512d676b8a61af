eyas events -p '%proc.nmae' traces/good/plain.scap
