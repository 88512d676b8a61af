# Good traces, damaged ones, unfinished ones; as text, as JSON, and as what is signed.
t=traces/good/tiny.eyas
eyas verify "$t" traces/good/plain.scap
echo "exit $?"
for f in traces/bad/eyas-cut/* traces/bad/eyas-flipped/* traces/bad/eyas-header-flipped/* traces/bad/eyas-missing-block/* \
	traces/bad/eyas-newer/* traces/bad/eyas-text-mode/*; do
	echo "== ${f##*/}"
	eyas verify "$f" 2>&1
	echo "exit $?"
done
echo "== without its footer"
head -c -84 "$t" >"$TMP/open.eyas"
eyas verify "$TMP/open.eyas"
echo "exit $?"
eyas verify --unfinished "$TMP/open.eyas" | sed 1q
eyas verify --fingerprint "$TMP/open.eyas"
echo "exit $?"
eyas verify --fingerprint --unfinished "$TMP/open.eyas"
echo "== two behind each other, gzip'd"
cat "$t" "$t" | gzip -n | eyas verify - | sed 5q
echo "== as JSON"
eyas verify --json "$t" traces/bad/eyas-flipped/eyas-flipped.eyas traces/bad/eyas-text-mode/eyas-text-mode.eyas
echo "exit $?"
eyas verify --fingerprint "$t"
