# From a checkpoint on or from the beginning: the same at every moment.
t=traces/good/web-intrusion/incident.eyt
eyas pack --checkpoint-every 7 $t -o "$TMP/t.eyas" 2>&1 | grep -v bytes
eyas info "$TMP/t.eyas" | grep checkpoints
for at in 1 6 7 8 20 29 40 77 78 79 end 2026-11-20T09:14:00Z 2026-11-20T09:14:18Z 2026-11-20T09:14:54.162540000Z 2027-01-01; do
	for c in ps fds net users; do
		eyas $c --json --at $at $t >"$TMP/a" 2>/dev/null
		eyas $c --json --at $at "$TMP/t.eyas" >"$TMP/b" 2>/dev/null
		cmp "$TMP/a" "$TMP/b" || echo "$c --at $at differs"
	done
done
eyas ps --json --diff 30 end $t >"$TMP/a"
eyas ps --json --diff 30 end "$TMP/t.eyas" | cmp - "$TMP/a" && echo same
