# A made-up trace without its secrets: what is left of it, the report, and wrong usage.
cat >"$TMP/t.eyt" <<'END'
eyas-script 1
provenance {"hostname": "box7.corp.internal", "command_line": ["eyas-capture", "--", "mysql", "-pTr0ub4dor7x"]}
machine hostname=box7.corp.internal
user uid=0 name=root home=/root shell=/bin/bash
user uid=1000 gid=1000 name=alice home=/home/alice shell=/bin/bash
group gid=33 name=www-data
thread tid=100 comm=mysql exe=mysql args=[-uroot,-pTr0ub4dor7x] env=[PATH=/bin,HOME=/home/alice] cwd=/home/alice uid=1000
fd tid=100 fd=3 tuple=10.0.0.1:1234->8.8.8.8:53 proto=udp
tid=100 openat fd=4 dirfd=AT_FDCWD name=/home/alice/Tr0ub4dor7x flags=O_RDONLY mode=0 dev=0 ino=0
tid=100 read res=5 data="alice" fd=4 size=5
tid=100 connect res=0 tuple=10.0.0.1:5->8.8.4.4:53 fd=3 addr=8.8.4.4:53
tid=100 openat fd=4 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY mode=0 dev=0 ino=0
note author=alice text="ask alice@example.org for VHIwdWI0ZG9yN3g="
END
echo 'a key that everybody knows' >"$TMP/key"
redact()
{
	eyas redact --key "$TMP/key" -o "$TMP/out.eyas" "$@"
}
redact "$TMP/t.eyt"
eyas convert --to script "$TMP/out.eyas" - | sed 's/"pseudonyms": "[^"]*"/"pseudonyms": "..."/'
redact "$TMP/t.eyt"
echo "exit $?"
redact -f --json --detect user,host --payload drop --env drop --report "$TMP/report" "$TMP/t.eyt"
cat "$TMP/report"
eyas convert --to script "$TMP/out.eyas" - | grep -e read -e thread
redact -f --no-detect all --payload scan --word shadow --pattern 'Tr[0-9]ub[a-z0-9]*' "$TMP/t.eyt"
cat >"$TMP/rules.yaml" <<'END'
- rule: Alice reads
  desc: a test
  condition: evt.type = openat and fd.name startswith /home/alice
  output: file=%fd.name user=%user.name
  priority: ERROR
- rule: Shadow
  desc: a test
  condition: evt.type = openat and fd.name = /etc/shadow
  output: file=%fd.name user=%user.name
  priority: ERROR
END
rm "$TMP/out.eyas"
redact --keep-rules "$TMP/rules.yaml" "$TMP/t.eyt"
echo "exit $?"
redact --keep-rules "$TMP/rules.yaml" --no-detect user --json "$TMP/t.eyt" | grep -o '"alerts".*'
redact --keep-rules traces/good/tiny.eyas -f "$TMP/t.eyt"
echo "exit $?"
redact -f traces/bad/eyas-cut/eyas-cut.eyas
echo "exit $?"
ls "$TMP"
