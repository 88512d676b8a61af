eyas test --format json tests/cli/test/tests.yaml
