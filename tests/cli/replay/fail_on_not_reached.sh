eyas replay -r rules --fail-on emergency --summary none --quiet traces/good/web-intrusion/incident.eyt >/dev/null
