eyas story --file /tmp/.u traces/good/web-intrusion/incident.eyt
