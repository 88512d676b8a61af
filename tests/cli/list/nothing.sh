eyas list nothing
