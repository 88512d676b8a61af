# What a slice says of itself, notes that come along, and wrong usage.
t=$TMP/t.eyas
cp traces/good/tiny.eyas "$t"
eyas annotate --author a --time @1 -m 'the second' --events 2 "$t"
eyas annotate --author a --time @1 -m 'the third' --events 3 "$t"
eyas slice -o "$TMP/s.eyas" --events 2-2 "$t"
eyas events "$TMP/s.eyas"
eyas annotate --list "$TMP/s.eyas"
eyas info --json "$TMP/s.eyas" | grep -o '"derived": .*"command": "slice"[^}]*}'
eyas slice -f -o "$TMP/s.eyas" --since 2026-11-21T23:00:42Z "$t"
eyas events -F evt.num,evt.type,fd.name,proc.name "$TMP/s.eyas"
eyas slice -o - --pid 100 "$t" | eyas events -F evt.num,evt.type -
cd traces/good/ssh-key-read || exit 9
eyas slice -r ../../../rules/eyas_rules.yaml --alert 1 --context 0s -o "$TMP/alert.eyas" incident.eyt
eyas replay -r ../../../rules/eyas_rules.yaml --summary=none "$TMP/alert.eyas"
eyas slice -r ../../../rules/eyas_rules.yaml --alert 99 -o "$TMP/none.eyas" incident.eyt
echo "exit $?"
eyas slice --pid 99999 -o "$TMP/none.eyas" incident.eyt
echo "exit $?"
eyas slice -o "$TMP/none.eyas" incident.eyt
eyas slice --alert 1 -o "$TMP/none.eyas" incident.eyt
eyas slice --pid 1 -o "$TMP/none.eyas" - <incident.eyt
eyas slice --events 1-2 incident.eyt
eyas slice --events 1-2 -o "$TMP/s.eyas" incident.eyt
echo "exit $?"
eyas slice -r ../../../rules/eyas_rules.yaml --minimize 'SSH private key read' -o "$TMP/min.eyas" incident.eyt
eyas replay -r ../../../rules/eyas_rules.yaml --summary=none "$TMP/min.eyas"
eyas slice -r ../../../rules/eyas_rules.yaml --minimize 'Log file emptied' -o "$TMP/none.eyas" incident.eyt
echo "exit $?"
eyas slice -r ../../../rules/eyas_rules.yaml --minimize 'Log file empty' -o "$TMP/none.eyas" incident.eyt
echo "exit $?"
eyas slice -r ../../../rules/eyas_rules.yaml --minimize 'Log file emptied' --pid 1 -o "$TMP/none.eyas" incident.eyt
ls "$TMP"
