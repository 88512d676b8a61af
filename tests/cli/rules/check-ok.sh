eyas rules check tests/cli/rules/local.yaml
