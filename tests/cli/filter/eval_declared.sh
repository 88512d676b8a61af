eyas filter eval --type 'x.list=charbuf[]' --set x.list=a --set x.list=b 'x.list intersects (b, c) and len(x.list) = 2'
