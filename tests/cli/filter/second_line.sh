printf 'evt.type = open and\n  fd.num contains 3\n' | eyas filter check -
