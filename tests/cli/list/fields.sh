eyas list fields proc.aname fd.name 'evt.type*'
