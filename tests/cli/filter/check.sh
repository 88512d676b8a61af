eyas filter check 'proc.name=cat or not (fd.num >= 0 and evt.type in (open, openat))'
