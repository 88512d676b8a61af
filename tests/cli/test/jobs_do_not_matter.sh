for f in human tap junit markdown json; do
	eyas test -v -j 1 --format $f tests/cli/test/tests.yaml >$TMP/1
	eyas test -v -j 9 --format $f tests/cli/test/tests.yaml >$TMP/9
	cmp $TMP/1 $TMP/9 && echo "$f: same"
done
