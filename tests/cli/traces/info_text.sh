eyas info traces/good/every-block.scap traces/good/gzip.scap traces/good/old-headers.scap traces/good/sections.scap
