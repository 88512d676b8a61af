eyas replay -q -r rules --tag network traces/good/web-intrusion/incident.eyt
