eyas rules check tests/cli/lint/covered_item.yaml
