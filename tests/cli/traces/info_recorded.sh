# What was recorded and what was left out, and events by process; what is not from eyas-capture as it is.
eyas info traces/good/recorded-container-intrusion/trace.eyas | grep -v 'bytes$\|%'
eyas info --scan traces/good/recorded-container-intrusion/trace.eyas | sed -n '/by process/,$p'
eyas info --scan --json traces/good/web-intrusion/incident.eyt | grep -o '"processes".*' | head -c 400
echo
cat >"$TMP/t.eyt" <<'END'
eyas-script 1
provenance {"recorder": "x\u001b[1m", "command_line": ["c", "--pid=5", "--comm", "a b", "--all", "--", "--uid", "7"], "all_syscalls": false, "snaplen": {"file": 1}, "derived": [{"command": "cut\nhere"}, 7]}
END
eyas info "$TMP/t.eyt" | grep -v format
printf '%s\n' 'eyas-script 1' 'provenance {"recorder": 5, "x": "\u001b"}' >"$TMP/t.eyt"
eyas info "$TMP/t.eyt" | grep -v format
