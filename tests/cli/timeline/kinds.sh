eyas timeline --kind dropped --kind privilege traces/good/web-intrusion/incident.eyt
