eyas replay -r rules rules/eyas_rules.yaml
