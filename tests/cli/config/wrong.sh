eyas replay -c tests/cli/config/wrong.yaml
