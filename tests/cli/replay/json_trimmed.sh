eyas replay -r rules --json --no-output --no-fields --no-tags --summary none traces/good/web-intrusion/incident.eyt
