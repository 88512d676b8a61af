eyas story --pid 821 --width 2 --limit 5 traces/good/web-intrusion/incident.eyt
