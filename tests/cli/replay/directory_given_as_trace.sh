eyas replay -r rules $TMP
