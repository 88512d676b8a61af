eyas filter check --event-types 'evt.type in (open, close) and proc.name = cat'
