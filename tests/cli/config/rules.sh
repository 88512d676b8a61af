eyas rules list --selected -c tests/cli/config/falco.yaml; eyas rules check -c tests/cli/config/falco.yaml --set priority=error
