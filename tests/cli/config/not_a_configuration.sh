eyas replay -c tests/cli/config/absent.yaml; echo $?; eyas replay -c tests/cli/rules/local.yaml; echo $?; eyas replay -c /dev/null
