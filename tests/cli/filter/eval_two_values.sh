eyas filter eval --set proc.name=a --set proc.name=b 'proc.name = a'
