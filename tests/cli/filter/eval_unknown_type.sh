eyas filter eval --type x.y=float 'x.y = 1'
