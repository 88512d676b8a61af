# Notes are shown in every view: where they belong, or at the end.
t=$TMP/t.eyas
cp traces/good/recorded-container-intrusion/trace.eyas "$t"
note() { eyas annotate --time 2026-11-22T03:00:00Z "$@" "$t" || echo "exit $?"; }
note -m 'the shell with a terminal' --author ana --events 84
note -m 'from here to there' --author ana --events 200-260
note -m 'a while' --author ben --since 2026-11-22T01:18:27.4Z --until 2026-11-22T01:18:27.6Z
note -m 'about all of it' --author ''
show() { echo "== $*"; eyas "$@" | grep -e '^-- ' -e '"note' -e ' note ' -e '^"note' | cut -c1-200; }
show events "$t"
show events --json "$t"
show timeline "$t"
show timeline --json "$t"
show timeline --form csv --kind note "$t"
show timeline --kind note --until 2026-11-22T01:18:27.5Z "$t"
show tree "$t"
show tree --json "$t"
show story --pid 155 "$t"
echo "== story --json"; eyas story --pid 155 --json "$t" | grep -o '"notes".*'
show follow --pid 155 "$t"
show follow --pid 155 --json "$t"
echo "== follow --raw"; eyas follow --pid 155 --raw "$t" | grep -c -e '^-- '
show top --by proc.name "$t"
show top --by proc.name --json "$t"
for what in ps fds net containers users; do
	show $what --at 84 "$t"
	show $what --at 2026-11-22T01:18:27.5Z --json "$t"
done
show ps --at 150 "$t"
show ps --at 210 "$t"
show ps --at end "$t"
show ps --diff 100 250 "$t"
echo "== one in its place"
eyas follow "$t" "evt.num >= 60 and evt.num < 230" | cut -c1-90
