# Each damaged capture: what is said of it, the exit status, and what is left after conversion.
for f in traces/bad/*/*.scap; do
	echo "== ${f##*/}"
	rm -f "$TMP/out.scap"
	eyas convert "$f" "$TMP/out.scap" 2>&1
	echo "exit $?"
	[ ! -f "$TMP/out.scap" ] || eyas info "$TMP/out.scap" | sed -n '/ events\|snapshot/p'
done
