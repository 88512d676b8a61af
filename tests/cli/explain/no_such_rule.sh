eyas explain -r rules --rule 'shell in container' traces/good/tiny.eyt
