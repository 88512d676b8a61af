# Rules of both sources, each tested and broken on its own events.
cat >$TMP/rules.yaml <<'EOF'
- rule: Pod created
  desc: a pod
  condition: ka.verb = create and ka.target.resource = pods
  output: pod created (user=%ka.user.name)
  priority: NOTICE
  source: k8s_audit
- rule: Shadow read
  desc: the shadow file is read
  condition: evt.type = openat and fd.name = /etc/shadow
  output: shadow read (file=%fd.name)
  priority: WARNING
EOF
audit() {
	printf '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"%s","stage":"ResponseComplete",' "$1"
	printf '"requestURI":"/api/v1/namespaces/a/%s","verb":"%s","user":{"username":"alice","groups":[]},' "$3" "$2"
	printf '"objectRef":{"resource":"%s","namespace":"a","name":"x","apiVersion":"v1"},"responseStatus":{"code":201},' "$3"
	printf '"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}\n'
}
audit 1 create pods >$TMP/create.json
{ audit 2 delete pods; audit 3 create secrets; } >$TMP/other.json
cat >$TMP/tests.yaml <<'EOF'
rules: rules.yaml
tests:
  - name: created
    rule: Pod created
    traces: create.json
    expectedOutcome: {count: 1, source: k8s_audit, outputFields: {ka.user.name: alice}}
  - name: not created
    rule: Pod created
    traces: other.json
    expectedOutcome: none
  - name: read
    rule: Shadow read
    script: |
      thread tid=10 comm=cat exe=/usr/bin/cat
      tid=10 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY
    expectedOutcome: {count: 1, source: syscall}
baselines:
  - name: audit events raise no syscall rule
    traces: [create.json, other.json]
    falsePositives: [{rule: Pod created, max: 1}, {rule: Shadow read}]
EOF
cd $TMP && eyas test -v && eyas test --mutate
