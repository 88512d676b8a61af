# By time, by number of an event, before the first event, behind the last one.
t=traces/good/web-intrusion/incident.eyt
for at in 2026-11-20T09:14:18Z @1795166058 20 1999-01-01 2100-01-01 100000 end; do
	echo "== $at"
	eyas ps --at $at $t proc.pid \> 2000 2>&1
done
