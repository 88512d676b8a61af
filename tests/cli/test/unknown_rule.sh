eyas test tests/cli/test/unknown_rule.yaml
