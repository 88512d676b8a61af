# Each damaged native trace: what is said of it, the exit status, and what is left after conversion.
for f in traces/bad/*/*.eyas; do
	echo "== ${f##*/}"
	rm -f "$TMP/out.eyas"
	eyas convert "$f" "$TMP/out.eyas" 2>&1
	echo "exit $?"
	[ ! -f "$TMP/out.eyas" ] || eyas info --scan "$TMP/out.eyas" | sed -n '/ events\|snapshot/p'
done
