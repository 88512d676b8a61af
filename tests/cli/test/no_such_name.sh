eyas test --filter nothing-like-that tests/cli/test/good.yaml
