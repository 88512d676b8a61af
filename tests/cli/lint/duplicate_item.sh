eyas rules check tests/cli/lint/duplicate_item.yaml
