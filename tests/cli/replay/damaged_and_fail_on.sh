cat >$TMP/any.yaml <<EOF
- rule: any
  desc: matches everything
  condition: evt.num > 0
  output: event %evt.num %evt.type
  priority: ALERT
EOF
eyas replay -q --fail-on alert -r $TMP/any.yaml traces/bad/cut-event/cut-event.scap
