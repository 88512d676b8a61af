# What is refused, and that nothing is left behind.
t=traces/good/web-intrusion/incident.eyt
try() {
	echo "--- $*"
	eyas "$@"
	echo "status $?"
}
exec 2>&1
try report $t
try report -o $TMP/r.html
try report -o $TMP/r.html $t $t
try report --json -o $TMP/r.json $TMP/nothing.eyas
try report --json -o $TMP/r.json -r $t $t
echo mine >$TMP/r.json
try report --json -o $TMP/r.json $t
cat $TMP/r.json
try report --json -f -o $TMP/r.json $t
head -c 40 $TMP/r.json
echo
try report --json -o $TMP/nowhere/r.json $t
try report --json -o $TMP/cut.json traces/bad/cut-event/cut-event.scap
grep -o '"damaged": *true' $TMP/cut.json
try report --json -o $TMP/none.json traces/bad/cut-first-block/cut-first-block.scap
ls $TMP
