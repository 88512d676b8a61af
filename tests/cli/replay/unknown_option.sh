eyas replay --nosuch traces/good/web-intrusion/incident.eyt
