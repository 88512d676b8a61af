printf -- '- rule: x\n  desc: x\n  condition: evt.type=open\n  output: x\n  priority: INFO\n' >"$TMP/rules.yaml"
eyas events "$TMP/rules.yaml"
