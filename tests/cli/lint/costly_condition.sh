eyas rules check tests/cli/lint/costly_condition.yaml
