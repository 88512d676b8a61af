eyas timeline -r rules traces/good/web-intrusion/incident.eyt
