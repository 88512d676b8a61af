eyas test --format tap tests/cli/test/tests.yaml
