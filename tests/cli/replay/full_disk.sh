eyas replay -q -r rules -o /dev/full traces/good/web-intrusion/incident.eyt
