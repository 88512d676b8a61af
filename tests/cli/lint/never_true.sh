eyas rules check tests/cli/lint/never_true.yaml
