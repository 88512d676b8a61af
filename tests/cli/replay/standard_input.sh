eyas replay -r rules --summary none --tag network - <traces/good/web-intrusion/incident.eyt
