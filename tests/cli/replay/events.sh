eyas replay -r rules --events -20 traces/good/web-intrusion/incident.eyt
