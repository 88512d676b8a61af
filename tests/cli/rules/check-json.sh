eyas rules check --json tests/cli/rules/broken.yaml
