eyas rules check tests/cli/rules/broken.yaml tests/cli/rules/local.yaml
