eyas timeline --kind dropped --kind privilege --kind nonsense traces/good/web-intrusion/incident.eyt
