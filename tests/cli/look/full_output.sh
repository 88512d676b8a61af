# When standard output cannot be written, that is said of it, not of the trace.
t=tests/cli/look/talk.eyt
for c in "events" "ps" "fds" "net" "tree" "top" "timeline" "follow --typed proc.pid>0"; do
	# shellcheck disable=SC2086
	set -- $c
	cmd=$1
	shift
	eyas "$cmd" $t "$@" >/dev/full 2>"$TMP/err"
	echo "$cmd: exit $?: $(grep -c 'standard output: No space' "$TMP/err") $(grep -c "$t: No space" "$TMP/err")"
done
