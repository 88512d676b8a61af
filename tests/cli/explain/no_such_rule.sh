eyas explain -r rules/eyas_rules.yaml --rule 'shell in container' traces/good/tiny.eyt
