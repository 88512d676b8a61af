#!/bin/bash
# What action.yml runs: checks the rules of INPUT_RULES, writes INPUT_SARIF, runs the tests of INPUT_TESTS, and puts a
# summary where GITHUB_STEP_SUMMARY says. Ends with the highest exit status of the two.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
eyas=${INPUT_EYAS:-$top/build/eyas}
sarif=${INPUT_SARIF:-eyas.sarif}
summary=${GITHUB_STEP_SUMMARY:-/dev/stdout}
work=$(mktemp -d "${TMPDIR:-/tmp}/eyas-action.XXXXXX") || exit 4
trap 'rm -rf "$work"' EXIT

# Paths are one a line, so that they may have blanks in them.
mapfile -t rules < <(grep -v '^[[:space:]]*$' <<<"${INPUT_RULES-}")
mapfile -t tests < <(grep -v '^[[:space:]]*$' <<<"${INPUT_TESTS-}")
if [ ${#rules[@]} -eq 0 ]; then
	echo "::error::eyas: the input rules is empty"
	exit 2
fi

"$eyas" rules check --sarif -- "${rules[@]}" >"$sarif"
"$eyas" rules check -- "${rules[@]}" >"$work/sum" 2>"$work/problems"
status=$?
cat "$work/problems" "$work/sum"
[ -z "${GITHUB_OUTPUT-}" ] || echo "sarif=$sarif" >>"$GITHUB_OUTPUT"
{
	echo "## eyas rules check"
	echo
	if [ $status -eq 0 ]; then echo "Valid: $(cat "$work/sum")"; else echo "**Not valid**: $(cat "$work/sum")"; fi
	if [ -s "$work/problems" ]; then
		# Indented, so that no text of a rules file can end the block.
		echo
		sed 's/^/    /' "$work/problems"
	fi
	echo
} >>"$summary"

if [ ${#tests[@]} -gt 0 ]; then
	"$eyas" test --format markdown -o "$work/tests.md" -- "${tests[@]}"
	tested=$?
	{
		echo "## eyas test"
		echo
		[ ! -f "$work/tests.md" ] || cat "$work/tests.md"
	} >>"$summary"
	[ ! -f "$work/tests.md" ] || cat "$work/tests.md"
	[ $tested -le $status ] || status=$tested
fi
exit $status
