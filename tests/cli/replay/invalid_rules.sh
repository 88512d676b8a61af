cat >$TMP/bad.yaml <<EOF
- rule: typo
  desc: names a field that does not exist
  condition: evt.type = open and proc.nam = cat
  output: an open (%proc.name)
  priority: WARNING
EOF
echo old >$TMP/alerts
eyas replay -r $TMP/bad.yaml -o $TMP/alerts traces/good/web-intrusion/incident.eyt
status=$?
cat $TMP/alerts
exit $status
