eyas replay -r $TMP/nothing.yaml traces/good/web-intrusion/incident.eyt
