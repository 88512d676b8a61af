cp tests/cli/test/rules.yaml $TMP
cat >$TMP/tests.yaml <<'EOF'
rules: rules.yaml   # the rules
tests:
  - name: values
    rule: Shadow read
    script: |
      thread tid=10 comm=cat exe=/usr/bin/cat
      tid=10 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY
    # what comes of it
    expectedOutcome:
      priority: ERROR    # hm
      outputFields:
        proc.name: less  # not more
        fd.name: {startswith: /var, contains: a}
        proc.pname:
        fd.num: {absent: true}
        foo.bar: 1
  - {name: one too many, rule: Shadow read, expectedOutcome: {count: 2}, script: "thread tid=1 comm=cat\ntid=1 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY"}
  - name: it fires
    rule: Shadow read
    expectedOutcome: none # really
    script: |
      thread tid=10 comm=cat exe=/usr/bin/cat
      tid=10 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY
  - name: it does not
    rule: Shadow read
    expectedOutcome:
      # still a warning
      priority: WARNING
    script: |
      thread tid=10 comm=sshd exe=/usr/bin/sshd
      tid=10 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY
  - name: cases do not agree
    rule: Shadow read
    cases: {who: [cat, less, sshd]}
    expectedOutcome:
      count: 2
    script: |
      thread tid=10 comm=${item.who} exe=/usr/bin/x
      tid=10 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY
EOF
cp $TMP/tests.yaml $TMP/before.txt
chmod 640 $TMP/tests.yaml
eyas test --update $TMP/tests.yaml
status=$?
diff $TMP/before.txt $TMP/tests.yaml
stat -c %a $TMP/tests.yaml
exit $status
