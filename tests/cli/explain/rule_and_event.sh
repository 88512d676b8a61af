eyas explain -r rules/eyas_rules.yaml --rule 'Program run from memory' --event 7 traces/good/container-shell/incident.eyt
eyas explain -r rules/eyas_rules.yaml --rule 'Program run from memory' --event 7 --full traces/good/container-shell/incident.eyt
