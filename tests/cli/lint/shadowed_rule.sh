eyas rules check tests/cli/lint/shadowed_rule.yaml
