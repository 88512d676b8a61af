eyas test --format junit tests/cli/test/tests.yaml
