# A line over 16 MiB is skipped, not kept.
{
	cat traces/bad/audit-no-time/audit.json
	echo
	printf '{"kind":"Event","x":"'
	dd if=/dev/zero bs=1048576 count=17 2>/dev/null | tr '\000' a
	echo '"}'
	head -n 1 traces/bad/audit-cut/audit.json
} | eyas events -F evt.num,ka.auditid - 2>&1
echo "exit $?"
