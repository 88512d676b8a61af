eyas explain -r rules/eyas_rules.yaml --event 7 traces/good/container-shell/incident.eyt
eyas explain -r rules/eyas_rules.yaml --event 1 --near 1 traces/good/container-shell/incident.eyt
