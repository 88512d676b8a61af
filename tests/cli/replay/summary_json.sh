eyas replay -r rules --summary json traces/good/web-intrusion/incident.eyt >/dev/null
