eyas replay -r rules --summary none --tag network -o $TMP/alerts traces/good/web-intrusion/incident.eyt
cat $TMP/alerts
