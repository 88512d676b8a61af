eyas test new --help
