eyas replay -r rules -D 'e' --summary none traces/good/web-intrusion/incident.eyt
