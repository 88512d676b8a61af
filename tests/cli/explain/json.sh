eyas explain -r rules/eyas_rules.yaml --rule 'Program run from memory' --json --near 1 traces/good/container-shell/incident.eyt
