eyas rules check --json tests/cli/lint/duplicate_item.yaml
eyas rules check --json --lint tests/cli/lint/duplicate_item.yaml
eyas rules check --no-lint tests/cli/lint/duplicate_item.yaml
