eyas filter check
