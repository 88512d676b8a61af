eyas replay -r rules -t host -T container traces/good/web-intrusion/incident.eyt
