eyas rules list tests/cli/rules/local.yaml && eyas rules list --json --enable "*" --not-tag web tests/cli/rules/local.yaml
