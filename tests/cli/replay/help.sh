eyas replay --help
