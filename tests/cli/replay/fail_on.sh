eyas replay -r rules --fail-on critical --summary none --quiet traces/good/web-intrusion/incident.eyt >/dev/null
