eyas explain -r rules/eyas_rules.yaml traces/good/web-intrusion/incident.eyt
