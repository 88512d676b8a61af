eyas replay -r rules --rule-matching all --summary none traces/good/web-intrusion/incident.eyt
