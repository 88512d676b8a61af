: >$TMP/empty
eyas replay -r rules $TMP/empty
