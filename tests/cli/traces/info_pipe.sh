# The same through a pipe, but for the name; and the exit status of the worst trace.
cat traces/good/gzip.scap | eyas info --all - traces/bad/empty/empty.scap nosuch
