eyas test tests/cli/test/tests.yaml
