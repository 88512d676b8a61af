# Many traces at once: the same bytes, problems told in the order of the traces.
set -- traces/good/web-intrusion/incident.eyt traces/bad/eyas-cut/*.eyas traces/bad/eyas-flipped/*.eyas traces/good/*/incident.eyt
eyas coverage --json -j 1 -r rules/eyas_rules.yaml "$@" >"$TMP/one" 2>"$TMP/one.err"
echo "exit $?"
for n in 2 3 16; do
	eyas coverage --json -j $n -r rules/eyas_rules.yaml "$@" >"$TMP/many" 2>"$TMP/many.err"
	echo "exit $?"
	cmp "$TMP/one" "$TMP/many" && cmp "$TMP/one.err" "$TMP/many.err" && echo "the same"
done
grep -c error "$TMP/one.err"
eyas coverage -j 0 -r rules/eyas_rules.yaml "$1"
