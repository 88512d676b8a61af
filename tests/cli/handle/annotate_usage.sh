# Wrong usage, and what cannot take notes.
unset LOGNAME
cp traces/good/tiny.eyas "$TMP/t.eyas"
eyas annotate "$TMP/t.eyas"
eyas annotate -m x --list "$TMP/t.eyas"
eyas annotate -m x --events 5- "$TMP/t.eyas"
eyas annotate -m x --since 2026-11-22T00:00:00Z "$TMP/t.eyas"
eyas annotate -m x --at noon "$TMP/t.eyas"
eyas annotate -m x NEWS
eyas annotate --list traces/good/plain.scap
eyas annotate -m x "$TMP/none.eyas"
head -c -84 traces/good/tiny.eyas >"$TMP/open.eyas"
eyas annotate -m x "$TMP/open.eyas"
echo "exit $?"
cmp traces/good/tiny.eyas "$TMP/t.eyas" && echo "nothing was added"
eyas annotate -m " " "$TMP/none.eyas"; echo "exit $?"
