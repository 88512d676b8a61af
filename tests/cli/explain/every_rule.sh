eyas explain -r rules traces/good/web-intrusion/incident.eyt
