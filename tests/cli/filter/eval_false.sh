eyas filter eval --set proc.name=cat 'proc.pname != cat'
