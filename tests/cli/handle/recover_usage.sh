# Wrong usage, pipes, and files without a block.
eyas recover traces/good/tiny.eyas
eyas recover -o "$TMP/a.eyas"
cat traces/good/tiny.eyas | eyas recover -o "$TMP/a.eyas" -
gzip -c traces/good/tiny.eyas >"$TMP/a.gz"
eyas recover -o "$TMP/a.eyas" "$TMP/a.gz"
eyas recover -o "$TMP/a.eyas" NEWS
echo "exit $?"
: >"$TMP/there.eyas"
eyas recover -o "$TMP/there.eyas" traces/good/tiny.eyas
echo "exit $?"
ls -A "$TMP"
