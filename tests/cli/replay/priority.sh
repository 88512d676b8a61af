eyas replay -r rules --priority critical --summary none traces/good/web-intrusion/incident.eyt
