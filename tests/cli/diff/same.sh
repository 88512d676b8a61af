eyas diff --old rules/eyas_rules.yaml --new rules/eyas_rules.yaml traces/good/*/incident.eyt
