eyas story --pid 2407 --json traces/good/web-intrusion/incident.eyt
