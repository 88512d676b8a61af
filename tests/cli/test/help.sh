eyas test --help
