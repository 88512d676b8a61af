eyas --version
