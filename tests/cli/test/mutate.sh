eyas test -v --mutate tests/cli/test/good.yaml
