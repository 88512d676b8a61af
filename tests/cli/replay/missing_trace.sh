eyas replay -r rules $TMP/nothing.scap
