# The streams of a shipped incident.
eyas follow --pid 2408 traces/good/web-intrusion/incident.eyt
eyas follow traces/good/recorded-sensitive-file-read/trace.eyas fd.name=/etc/shadow
