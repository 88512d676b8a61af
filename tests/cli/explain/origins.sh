# Places through macros, lists, exceptions and text appended in another file; an earlier rule takes the event.
cat >$TMP/a.yaml <<'Y'
- list: shells
  items: [bash, sh, zsh]
- macro: started
  condition: evt.type in (execve, execveat) and
    evt.rawres = 0
- rule: First
  desc: d
  output: o
  priority: INFO
  condition: started and proc.name = bash
- rule: Second
  desc: d
  output: o
  priority: INFO
  condition: >
    started
    and (proc.name in (shells, ksh) or
      proc.pname = "a b")
  exceptions:
    - name: from_a_container
      fields: [proc.pname, container.id]
      comps: [startswith, "!="]
      values:
        - [containerd, host]
Y
cat >$TMP/b.yaml <<'Y'
- rule: Second
  condition: and proc.tty != 0
  override: {condition: append}
- rule: First
  enabled: false
Y
cd $TMP
eyas explain -r a.yaml -r b.yaml --rule Second --event 7 $srcdir/traces/good/container-shell/incident.eyt
echo --
sed '/values:/,$d' a.yaml >c.yaml
eyas explain -r c.yaml --rule First --rule Second $srcdir/traces/good/container-shell/incident.eyt
echo --
eyas explain -r a.yaml -r b.yaml --rule First --near 1 $srcdir/traces/good/container-shell/harmless.eyt
