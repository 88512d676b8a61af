eyas test $TMP
