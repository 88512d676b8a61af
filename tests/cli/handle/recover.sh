# What is left of damaged traces: the report, and that it is a whole trace.
for f in traces/good/tiny.eyas traces/bad/eyas-cut/* traces/bad/eyas-flipped/* traces/bad/eyas-header-flipped/* \
	traces/bad/eyas-missing-block/* traces/bad/eyas-newer/* traces/bad/eyas-text-mode/*; do
	echo "== ${f##*/}"
	rm -f "$TMP/out.eyas"
	eyas recover -o "$TMP/out.eyas" "$f" 2>&1
	echo "exit $?"
	[ ! -f "$TMP/out.eyas" ] || eyas verify "$TMP/out.eyas" | sed -n '1s/.*: //p; / events/p'
done
echo "== as JSON, and what the trace says of itself"
eyas recover --json -f -o "$TMP/out.eyas" traces/bad/eyas-flipped/eyas-flipped.eyas
eyas info --json "$TMP/out.eyas" | grep -o '"derived": .*}\]}\]'
eyas events "$TMP/out.eyas" | tail -n 2
echo "== .scap: twenty bytes missing, and none"
head -c 200 traces/good/every-block.scap >"$TMP/cut.scap"
tail -c +221 traces/good/every-block.scap >>"$TMP/cut.scap"
eyas recover -f -o "$TMP/out.eyas" "$TMP/cut.scap" 2>&1
echo "exit $?"
eyas recover -f -o "$TMP/out.eyas" traces/good/plain.scap
echo "exit $?"
