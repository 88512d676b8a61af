# Notes: added, listed, shown where they belong, copied; the trace in front of them is as it was.
LOGNAME=analyst; export LOGNAME
t=$TMP/t.eyas
cp traces/good/tiny.eyas "$t"
note() { eyas annotate --time 2026-11-22T03:00:00Z "$@" "$t" || echo "exit $?"; }
note -m 'the secret is read here' --events 2
note -m 'two events' --events 3-4 --author 'A. Nalyst'
note -m 'a moment' --at 2026-11-21T23:00:42Z
note -m 'a time, with a
line end' --since 2026-11-21T23:00:41.5Z --until 2026-11-21T23:00:42.1Z
note -m 'about all of it' --author ''
eyas annotate --list "$t"
eyas annotate --json "$t"
cmp -n 3170 traces/good/tiny.eyas "$t" && echo "the trace is as it was"
eyas verify "$t" | sed -n '1p; / events/p'
echo "== in views"
eyas events "$t" | cut -c1-80
eyas events --events 1-2 "$t" | cut -c1-80
eyas events -p '%evt.num' "$t"
eyas info "$t" | grep -A 6 '^  notes'
echo "== in copies"
eyas convert "$t" "$TMP/t.eyt"
grep ^note "$TMP/t.eyt"
eyas convert "$TMP/t.eyt" "$TMP/again.eyas"
eyas annotate --list "$TMP/again.eyas"
eyas recover -o "$TMP/rec.eyas" "$t" && eyas annotate --list "$TMP/rec.eyas" | wc -l
echo "== a limit on file sizes: nothing is left of the note"
cp "$t" "$TMP/limit.eyas"
(ulimit -f 10 2>/dev/null; i=0; while [ $i -lt 40 ] && eyas annotate -m "$(seq 1 200)" "$TMP/limit.eyas" 2>/dev/null; do i=$((i + 1)); done; [ $i -lt 40 ] || echo "no limit")
eyas verify "$TMP/limit.eyas" | sed -n '1p'
