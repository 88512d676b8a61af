# Files that are no traces: each is recognised.
for f in traces/bad/not-a-trace/*; do
	eyas info "$f"
	echo "exit $?" >&2
done
eyas info .
echo "exit $?" >&2
eyas info nosuch.scap
echo "exit $?" >&2
eyas info - <traces/bad/not-a-trace/rules.yaml
