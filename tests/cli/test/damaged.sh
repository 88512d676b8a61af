cp tests/cli/test/rules.yaml $TMP
head -c 700 traces/good/plain.scap >$TMP/cut.scap
cat >$TMP/tests.yaml <<'EOF'
rules: rules.yaml
tests:
  - name: cut
    rule: Shadow read
    traces: cut.scap
    expectedOutcome: none
EOF
eyas test $TMP/tests.yaml
