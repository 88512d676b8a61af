eyas coverage -r rules/eyas_rules.yaml --fail-under 60 traces/good/container-shell/incident.eyt >/dev/null
echo $?
eyas coverage -r rules/eyas_rules.yaml --fail-under 5 traces/good/container-shell/incident.eyt >/dev/null
echo $?
eyas coverage -r rules/eyas_rules.yaml --fail-under 101 traces/good/container-shell/incident.eyt
echo $?
eyas coverage -r rules/eyas_rules.yaml --html $TMP/no/such/page.html traces/good/tiny.eyt
echo $?
