eyas replay -r rules --rule-matching some traces/good/web-intrusion/incident.eyt
