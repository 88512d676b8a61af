eyas replay -c tests/cli/config/falco.yaml
