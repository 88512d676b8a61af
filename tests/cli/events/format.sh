# A line without a value is left out unless the format begins with *.
eyas events -p '%evt.num %proc.name %fd.name %evt.buflen' traces/good/plain.scap
eyas events -p '*%evt.num %proc.name %fd.name %evt.buflen' traces/good/plain.scap
eyas events --json -p '%evt.num %evt.buflen' traces/good/plain.scap
