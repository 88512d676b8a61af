eyas explain -r rules/eyas_rules.yaml --event 4000 traces/good/container-shell/incident.eyt
eyas explain -r rules/eyas_rules.yaml --event 0 traces/good/container-shell/incident.eyt
eyas explain -r rules/eyas_rules.yaml --event x traces/good/container-shell/incident.eyt
eyas explain -r rules/eyas_rules.yaml --event 1 traces/good/tiny.eyt traces/good/tiny.eyt
eyas explain -r rules/eyas_rules.yaml
eyas explain traces/good/tiny.eyt
eyas explain -r traces/good/tiny.eyt traces/good/tiny.eyt
eyas explain -r rules/eyas_rules.yaml missing.scap
