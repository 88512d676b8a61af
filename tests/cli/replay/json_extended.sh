eyas replay -r rules --json --no-fields --no-tags --message --hostname web-1 --with-trace --iso-time --summary none traces/good/web-intrusion/incident.eyt
