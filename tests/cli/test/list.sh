eyas test --list --rule "Shadow read" --filter "who [*sudo*" tests/cli/test/tests.yaml
