eyas filter check 'proc.name = proc.pname or proc.name regex cat'
