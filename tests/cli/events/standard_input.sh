eyas events -F evt.num - <traces/good/gzip.scap
