eyas test --format markdown tests/cli/test/tests.yaml
