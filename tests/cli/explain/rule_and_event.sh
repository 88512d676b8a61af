eyas explain -r rules --rule 'Program run from memory' --event 7 traces/good/container-shell/incident.eyt
eyas explain -r rules --rule 'Program run from memory' --event 7 --full traces/good/container-shell/incident.eyt
