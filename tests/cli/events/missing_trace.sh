eyas events traces/good/nosuch.scap
