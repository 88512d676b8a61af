eyas rules check tests/cli/lint/silenced_rule.yaml
