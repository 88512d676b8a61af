eyas replay -r rules --summary long traces/good/web-intrusion/incident.eyt
