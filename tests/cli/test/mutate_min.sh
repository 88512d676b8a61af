eyas test --mutate-min 90 --json tests/cli/test/good.yaml
