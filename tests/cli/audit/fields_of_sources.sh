# A rule can use the fields of its own source only.
cat >$TMP/r.yaml <<'X'
- {rule: a, desc: d, priority: INFO, source: syscall, condition: evt.type = open and ka.verb = get, output: o}
- {rule: b, desc: d, priority: INFO, source: k8s_audit, condition: ka.verb = get and proc.name = cat, output: o}
- {rule: c, desc: d, priority: INFO, source: k8s_audit, condition: ka.verb = get, output: "%evt.num %fd.name"}
- {rule: d, desc: d, priority: INFO, source: k8s_audit, condition: evt.source = k8s_audit and ka.verb = get, output: "%evt.time %ka.uri"}
X
eyas rules check $TMP/r.yaml 2>&1
echo "exit $?"
eyas rules check --sources syscall $TMP/r.yaml 2>&1 | grep -c 'Unknown source'
