# The same condition, behind a new rule: lost under first-match, not lost with all.
cat >$TMP/old.yaml <<'Y'
- {rule: Old, desc: d, output: o, priority: INFO, condition: "evt.type = execve and proc.name = bash"}
- {rule: Switched, desc: d, output: o, priority: INFO, condition: "evt.type = openat"}
Y
cat >$TMP/new.yaml <<'Y'
- {rule: New, desc: d, output: o, priority: INFO, condition: "evt.type = execve"}
- {rule: Old, desc: d, output: o, priority: INFO, condition: "evt.type = execve and proc.name = bash"}
- {rule: Switched, desc: d, output: o, priority: INFO, enabled: false, condition: "evt.type = openat"}
Y
eyas diff --old $TMP/old.yaml --new $TMP/new.yaml traces/good/container-shell/incident.eyt
echo $?
eyas diff --old $TMP/old.yaml --new $TMP/new.yaml --rule-matching all --disable Switched traces/good/container-shell/incident.eyt
echo $?
