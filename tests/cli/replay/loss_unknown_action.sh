eyas replay -r rules --on-loss panic traces/good/web-intrusion/incident.eyt
