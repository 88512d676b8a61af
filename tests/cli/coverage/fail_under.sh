eyas coverage -r rules --fail-under 60 traces/good/container-shell/incident.eyt >/dev/null
echo $?
eyas coverage -r rules --fail-under 5 traces/good/container-shell/incident.eyt >/dev/null
echo $?
eyas coverage -r rules --fail-under 101 traces/good/container-shell/incident.eyt
echo $?
eyas coverage -r rules --html $TMP/no/such/page.html traces/good/tiny.eyt
echo $?
