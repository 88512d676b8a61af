eyas rules check --sarif tests/cli/lint/duplicate_item.yaml | tr "{" "\n" | grep -v "^\"id\"\|^\"text\": \"[A-Z]\|^\"level\""
eyas rules check --sarif --json x
