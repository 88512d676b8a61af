eyas replay -r rules --iso-time --summary none traces/good/web-intrusion/incident.eyt
