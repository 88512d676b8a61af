eyas replay -r rules --on-loss ignore,log traces/good/web-intrusion/incident.eyt
