eyas filter eval --set proc.name=cat --set fd.sport=80 'proc.name = cat and fd.sport < 1024'
