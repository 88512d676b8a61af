eyas replay -q -r rules --tag network traces/bad/cut-event $TMP/nothing traces/good/web-intrusion/incident.eyt
