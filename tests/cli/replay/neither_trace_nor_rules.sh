echo hello >$TMP/hello
eyas replay -r rules $TMP/hello
