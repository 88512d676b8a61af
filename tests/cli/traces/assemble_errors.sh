# Everything that is wrong in a script is shown, and nothing is written.
cat >"$TMP/bad.eyt" <<END
eyas-script 1
thread tid=1 com=x
tid=1 opnat fd=3
tid=1 openat nme=/etc flags=O_RDNLY
tid=1 openat fd=zz
tid=1 openat name="abc
	openat fd=1
user uid=3
tid=1 read res=-ENONT
tid=1 close@307 fd=1
END
eyas assemble "$TMP/bad.eyt" -o "$TMP/x.eyas"
echo "exit $?"
eyas assemble --check "$TMP/bad.eyt" 2>/dev/null
echo "exit $?"
eyas assemble traces/good/tiny.eyas -o "$TMP/x.eyas"
echo "exit $?"
eyas assemble rules -o "$TMP/x.eyas"
echo "exit $?"
eyas assemble no-such-file -o "$TMP/x.eyas"
echo "exit $?"
eyas assemble traces/good/tiny.eyt
echo "exit $?"
eyas assemble -t nonsense traces/good/tiny.eyt -o "$TMP/x.eyas"
echo "exit $?"
ls "$TMP"
