# Numbers are numbers, times are nanoseconds, lists are arrays, missing fields are left out.
eyas events --json -F evt.num,evt.time,evt.is_io_read,fd.dev,fd.types,proc.fdusage,proc.aname[9],proc.cmdline traces/good/plain.scap
eyas events --json --events 2 traces/good/plain.scap
