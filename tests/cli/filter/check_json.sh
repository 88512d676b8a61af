eyas filter check --json 'evt.type = close'
