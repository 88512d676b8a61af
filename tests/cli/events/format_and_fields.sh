eyas events -p '%proc.name' -F proc.name traces/good/plain.scap
