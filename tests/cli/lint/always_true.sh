eyas rules check tests/cli/lint/always_true.yaml
