# Exceptions and their alternatives, lists within lists, an empty one; written to standard output as lcov.
cat >$TMP/r.yaml <<'Y'
- list: few
  items: [bash,
    zsh]
- list: none
  items: []
- list: more
  items: [few, none, nginx]
- rule: Started
  desc: d
  output: o
  priority: INFO
  tags: [T1059, t1059.004, mitre_execution, T12, T1059.04]
  condition: evt.type = execve and evt.rawres = 0 and proc.name in (more)
  exceptions:
    - name: known
      fields: [proc.name, container.id]
      comps: ["=", "!="]
      values:
        - [nginx, host]
        - [sh, host]
    - name: never
      fields: proc.pname
      comps: in
      values: [cron, atd]
- rule: Off
  desc: d
  output: o
  priority: INFO
  enabled: false
  condition: evt.type = execve
Y
cd $TMP
eyas coverage -r r.yaml --missing $srcdir/traces/good/container-shell/incident.eyt
eyas coverage -r r.yaml --lcov - $srcdir/traces/good/container-shell/incident.eyt
eyas coverage -r r.yaml --navigator - $srcdir/traces/good/container-shell/incident.eyt
eyas coverage -r r.yaml --html - $srcdir/traces/good/container-shell/incident.eyt | grep -c '<tr class='
