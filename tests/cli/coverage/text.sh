eyas coverage -r rules/eyas_rules.yaml traces/good/*/incident.eyt
eyas coverage -r rules/eyas_rules.yaml --tag container --missing traces/good/container-shell/incident.eyt
