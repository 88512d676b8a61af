eyas list --json events read
