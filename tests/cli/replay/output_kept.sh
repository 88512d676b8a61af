# What is named as output and is a trace or a rules file stays as it is; alerts of the last time are replaced.
cp traces/good/web-intrusion/incident.eyt "$TMP/trace.eyt"
cp rules/eyas_rules.yaml "$TMP/rules.yaml"
eyas convert "$TMP/trace.eyt" "$TMP/trace.scap"
(cd "$TMP" && sha256sum trace.eyt trace.scap rules.yaml >sums)
for out in trace.eyt trace.scap rules.yaml; do
	eyas replay -q -r "$TMP/rules.yaml" -o "$TMP/$out" "$TMP/trace.eyt"
	echo "replay: exit $?"
	eyas coverage -r "$TMP/rules.yaml" --html "$TMP/$out" "$TMP/trace.eyt" >/dev/null
	echo "coverage: exit $?"
done
(cd "$TMP" && sha256sum -c sums)
for form in --json --form=text; do
	eyas replay -q -r "$TMP/rules.yaml" "$form" -o "$TMP/alerts" "$TMP/trace.eyt"
	eyas replay -q -r "$TMP/rules.yaml" "$form" -o "$TMP/alerts" "$TMP/trace.eyt"
	echo "again: exit $?"
	wc -l <"$TMP/alerts"
done
