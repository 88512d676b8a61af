eyas rules check tests/cli/lint/dead_exception.yaml
