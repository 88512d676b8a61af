# Wrong usage, and files without a block.
eyas recover traces/good/tiny.eyas
eyas recover -o "$TMP/a.eyas"
eyas recover -o "$TMP/a.eyas" NEWS
echo "exit $?"
: >"$TMP/there.eyas"
eyas recover -o "$TMP/there.eyas" traces/good/tiny.eyas
echo "exit $?"
ls -A "$TMP"
