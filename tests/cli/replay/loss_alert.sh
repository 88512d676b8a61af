eyas replay -r rules --tag network --simulate-loss --on-loss log,alert traces/good/web-intrusion/incident.eyt
