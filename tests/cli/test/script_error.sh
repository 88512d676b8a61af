eyas test tests/cli/test/script_error.yaml
