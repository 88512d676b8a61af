# A selection that names no rule is told; what a configuration selects, which may be for other rules, is not.
t=traces/good/web-intrusion/incident.eyt
for o in "--enable Nosuch" "--disable Way*forth" "--not-tag nosuch" "--tag nosuch" "-D nosuch" "--disable Way*back*"; do
	# shellcheck disable=SC2086
	eyas replay --summary none -o /dev/null -r rules $o $t
	echo "$o: exit $?"
done 2>&1
printf 'rules:\n  - disable: {rule: Nosuch}\n' >"$TMP/falco.yaml"
eyas replay --summary none -o /dev/null -c "$TMP/falco.yaml" -r rules --disable Neither $t
