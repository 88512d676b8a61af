eyas events --help
