eyas replay -r rules --simulate-loss --on-loss exit traces/good/web-intrusion/incident.eyt
