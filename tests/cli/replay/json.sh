eyas replay -r rules --json --summary none traces/good/web-intrusion/incident.eyt
