# What is wrong with a log is told with the line; the other lines are read.
for d in cut not-json deep many-lines other-json no-time; do
	echo "== $d"
	eyas events -F evt.num,evt.time,ka.auditid traces/bad/audit-$d/audit.json
	echo "exit $?"
done 2>&1
