# An audit log in each of the trace formats raises the same alerts.
log=traces/good/k8s-admin-rights-given/incident.json
one() { eyas replay -q --json --iso-time -r rules "$@"; }
one $log >$TMP/a
cut -c 1-150 $TMP/a
for x in eyas scap eyt; do
	eyas convert $log $TMP/t.$x && one $TMP/t.$x | cmp - $TMP/a && echo "$x: same"
done
gzip -c $log | one - | cmp - $TMP/a && echo "gzip: same"
