eyas rules show -r tests/cli/rules/local.yaml Nothing
