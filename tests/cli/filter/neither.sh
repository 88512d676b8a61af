eyas filter frob 'proc.name = a'
