eyas list
