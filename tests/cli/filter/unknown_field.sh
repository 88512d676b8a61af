eyas filter check 'proc.nam = cat and evt.type = opne'
