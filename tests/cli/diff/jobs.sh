# Many traces at once: the same bytes, alerts and problems in the order of the traces.
cp rules/eyas_rules.yaml "$TMP/new.yaml"
cat >>"$TMP/new.yaml" <<'Y'
- rule: Any program
  desc: d
  condition: evt.type = execve and evt.rawres = 0
  output: "%proc.cmdline"
  priority: INFO
Y
set -- traces/good/web-intrusion/incident.eyt traces/bad/eyas-cut/*.eyas traces/bad/eyas-flipped/*.eyas traces/good/*/incident.eyt
for n in 1 2 3 16; do
	eyas diff --json -j $n --old rules/eyas_rules.yaml --new "$TMP/new.yaml" "$@" >"$TMP/$n" 2>"$TMP/$n.err"
	echo "exit $?"
	cmp "$TMP/1" "$TMP/$n" && cmp "$TMP/1.err" "$TMP/$n.err" && echo "the same"
done
grep -c error "$TMP/1.err"
