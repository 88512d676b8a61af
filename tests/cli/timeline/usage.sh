eyas timeline rules/eyas_rules.yaml; eyas timeline; eyas timeline --help
