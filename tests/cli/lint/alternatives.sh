# A rule whose condition has alternatives is found below an earlier one whichever of them is looked up;
# a list in an exception is too large to be written out.
{
	echo '- list: many'
	echo '  items: ['
	for i in 1 2 3 4 5 6 7 8 9; do
		for k in 0 1 2 3 4 5 6 7 8 9; do
			for j in 0 1 2 3 4 5 6 7 8 9; do
				echo "    a-name-that-is-rather-long-$i$k$j,"
			done
		done
	done
	cat <<'EOF'
    last]
- macro: opened
  condition: evt.type = open
- rule: first
  desc: filed under both alternatives
  condition: opened and (proc.name in (many) or fd.name in (/tmp/a, /tmp/b))
  output: o
  priority: INFO
- rule: second
  desc: each alternative implies one of the first's
  condition: opened and (proc.name = last or fd.name = /tmp/b)
  output: o
  priority: INFO
- rule: third
  desc: one alternative is open
  condition: opened and (proc.name = last or fd.name = /tmp/c)
  output: o
  priority: INFO
- rule: fourth
  desc: alternatives of alternatives
  condition: opened and (fd.name = /tmp/a or (fd.name = /tmp/b and (proc.pid > 3 or proc.name contains x)))
  output: o
  priority: INFO
- rule: fifth
  desc: an exception with a list
  condition: opened and proc.name = last and fd.name = /tmp/d
  output: o
  priority: INFO
  exceptions:
    - name: e
      fields: [proc.name]
      comps: [in]
      values: [[[many]], [[x, y]]]
EOF
} >"$TMP/rules.yaml"
eyas rules check "$TMP/rules.yaml" 2>&1
