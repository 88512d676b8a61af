eyas replay -r rules --tag network --summary none traces/good/web-intrusion/incident.eyt
