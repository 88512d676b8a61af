eyas replay -r rules --on-loss log --loss-threshold 2 traces/good/web-intrusion/incident.eyt
