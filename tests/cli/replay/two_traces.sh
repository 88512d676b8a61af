eyas replay -r rules --tag network --with-trace traces/good/web-intrusion/incident.eyt traces/good/web-intrusion/incident.eyt
