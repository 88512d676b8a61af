# What the trace tells of containers, and who is in them.
t=traces/good/privileged-container/incident.eyt
eyas containers -a $t
eyas containers -a --json $t
eyas users --container host $t
eyas ps $t
