eyas test tests/cli/test/rules.yaml
