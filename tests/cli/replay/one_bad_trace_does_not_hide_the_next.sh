eyas replay -q -r rules --tag network traces/bad/cut-event/cut-event.scap $TMP/nothing traces/good/web-intrusion/incident.eyt
