eyas test -v -j 1 tests/cli/test/good.yaml
