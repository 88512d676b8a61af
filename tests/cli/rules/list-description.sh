eyas rules list --description tests/cli/rules/local.yaml
