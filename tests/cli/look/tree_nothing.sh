eyas tree --pid 4000000 traces/good/web-intrusion/incident.eyt
eyas tree -r rules --marked traces/good/web-intrusion/harmless.eyt
eyas tree --json --pid 4000000 traces/good/web-intrusion/incident.eyt
