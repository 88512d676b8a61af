eyas filter check --program 'proc.name = cat and (fd.num > 2 or proc.name == cat)'
