eyas replay -r rules --tag network --json --no-output --no-tags --append-field evt.num --continue traces/good/web-intrusion/incident.eyt traces/good/web-intrusion/incident.eyt
