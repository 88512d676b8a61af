eyas story -r rules --alert 6 traces/good/web-intrusion/incident.eyt
