eyas test tests/cli/test/wrong.yaml
