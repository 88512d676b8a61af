eyas replay -r rules --not-tag filesystem --not-tag network --summary none traces/good/web-intrusion/incident.eyt
