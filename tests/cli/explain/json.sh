eyas explain -r rules --rule 'Program run from memory' --json --near 1 traces/good/container-shell/incident.eyt
