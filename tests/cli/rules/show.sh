eyas rules show -r tests/cli/rules/local.yaml 'Shell*' && for f in ast compiled program json; do eyas rules show --$f -r tests/cli/rules/local.yaml 'Password file read'; done
