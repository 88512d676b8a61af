# A damaged trace through a pipe, or gzip'd, gives what it gives as a file.
t=traces/good/recorded-container-intrusion/trace.eyas
cp $t "$TMP/bad.eyas"
# A few bytes in the middle of it are gone.
printf '\377\377\377\377' | dd of="$TMP/bad.eyas" bs=1 seek=9000 conv=notrunc 2>/dev/null
gzip -nc "$TMP/bad.eyas" >"$TMP/bad.gz"
eyas recover -o "$TMP/file.eyas" "$TMP/bad.eyas" >"$TMP/report" || echo "exit $?"
sed 1d "$TMP/report"
same() { cmp "$TMP/file.eyas" "$1" && echo "the same trace"; }
report() { sed 1d | cmp - "$TMP/rest" && echo "the same report"; }
sed 1d "$TMP/report" >"$TMP/rest"
{ cat "$TMP/bad.eyas" | eyas recover -o "$TMP/pipe.eyas" - || echo "exit $?" >&2; } | report; same "$TMP/pipe.eyas"
{ eyas recover -o "$TMP/gz.eyas" "$TMP/bad.gz" || echo "exit $?" >&2; } | report; same "$TMP/gz.eyas"
{ eyas recover -o "$TMP/in.eyas" - <"$TMP/bad.gz" || echo "exit $?" >&2; } | report; same "$TMP/in.eyas"
mkfifo "$TMP/fifo"
cat "$TMP/bad.gz" >"$TMP/fifo" &
{ eyas recover -o "$TMP/fifo.eyas" "$TMP/fifo" || echo "exit $?" >&2; } | report; same "$TMP/fifo.eyas"
TMPDIR=$TMP; export TMPDIR
{ cat "$TMP/bad.gz" | eyas recover -o - - 2>"$TMP/err" || echo "exit $?" >&2; } >"$TMP/out.eyas"; report <"$TMP/err"; same "$TMP/out.eyas"
echo "== gzip'd data that is cut, or damaged"
head -c 9000 "$TMP/bad.gz" >"$TMP/cut.gz"
eyas recover -o "$TMP/cut.eyas" "$TMP/cut.gz" 2>&1 | sed 's|^/[^ ]*/||; s/[0-9][0-9]*/N/g'
eyas verify "$TMP/cut.eyas" | head -1
cp "$TMP/bad.gz" "$TMP/flip.gz"
printf '\0\0\0\0\0\0' | dd of="$TMP/flip.gz" bs=1 seek=8000 conv=notrunc 2>/dev/null
eyas recover -o "$TMP/flip.eyas" "$TMP/flip.gz" >/dev/null 2>"$TMP/err" || echo "exit $?"
sed 's|^/[^ ]*/||; s/[0-9][0-9]*/N/g' "$TMP/err"
eyas verify "$TMP/flip.eyas" | head -1
echo "== a bomb, and no room"
head -c 2000000 /dev/zero >"$TMP/zero"
{ head -c 3000 $t; cat "$TMP/zero"; } | gzip -nc >"$TMP/bomb.gz"
eyas recover --spool 1 -o "$TMP/bomb.eyas" "$TMP/bomb.gz" || echo "exit $?"
eyas recover --spool x -o "$TMP/bomb.eyas" "$TMP/bomb.gz" || echo "exit $?"
eyas recover -o "$TMP/none/there.eyas" "$TMP/bad.gz" || echo "exit $?"
ls -A "$TMP" | grep spool || echo "nothing is left of it"
