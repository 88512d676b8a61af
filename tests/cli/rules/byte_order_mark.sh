# A byte order mark, as editors of Windows write it, and ends of lines of theirs change nothing, nor the columns of errors.
sed 's/$/\r/' rules/eyas_rules.yaml >"$TMP/crlf.yaml"
{ printf '\357\273\277'; cat "$TMP/crlf.yaml"; } >"$TMP/bom.yaml"
{ printf '\357\273\277'; printf -- '- rule: r\n  desc: d\n  condition: evt.type=execve and proc.nam=x\n'; } >"$TMP/bad.yaml"
eyas rules check "$TMP/bom.yaml"
eyas rules check "$TMP/bad.yaml"
echo "exit $?"
{ printf '\357\273\277'; sed 's/$/\r/' traces/good/web-intrusion/incident.eyt; } >"$TMP/incident.eyt"
printf '\357\273\277rules_files:\r\n  - %s\r\n' "$TMP/bom.yaml" >"$TMP/falco.yaml"
eyas replay -q -c "$TMP/falco.yaml" "$TMP/incident.eyt" >"$TMP/alerts"
eyas replay -q -r rules traces/good/web-intrusion/incident.eyt | cmp - "$TMP/alerts" && echo the same alerts
