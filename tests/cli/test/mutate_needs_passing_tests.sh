eyas test --mutate tests/cli/test/tests.yaml | tail -1
