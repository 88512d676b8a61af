eyas replay -r rules -D file --summary none traces/good/web-intrusion/incident.eyt
