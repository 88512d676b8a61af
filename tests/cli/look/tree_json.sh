# All that is known, a line each; the programs of a process that executed several; alerts.
t=traces/good/web-intrusion/incident.eyt
eyas tree --json --pid 2407 -r rules $t
