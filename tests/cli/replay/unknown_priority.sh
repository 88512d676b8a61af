eyas replay -r rules --priority loud traces/good/web-intrusion/incident.eyt
