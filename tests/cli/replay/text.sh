eyas replay -r rules traces/good/web-intrusion/incident.eyt
