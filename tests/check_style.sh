#!/bin/sh
# make check-style: what STYLE asks for and a machine can see. Needs clang-format 14.
set -u
cd "${srcdir:-.}" || exit 99
status=0
complain()
{
	echo "$*"
	status=1
}

files=$(find src driver tests -name '*.[ch]' | sort)
for f in $files; do
	if [ -n "${CLANG_FORMAT:-}" ]; then
		"$CLANG_FORMAT" --style=file "$f" | cmp -s - "$f" ||
			complain "$f: not as .clang-format says (make format)"
	fi
	lines=$(wc -l <"$f")
	case "$f" in
	tests/*) ;;
	*) [ "$lines" -le 800 ] || complain "$f: $lines lines, over 800" ;;
	esac
done
# Names are unique in the tree: a file's name is the prefix of its functions.
find src driver -name '*.[ch]' -exec basename {} \; | sort | uniq -d | grep -vx main.c | while read -r name; do
	echo "$name: more than one file has this name"
done | grep . && status=1
grep -nE '\b(TODO|FIXME|XXX)\b' $files && complain "unfinished work is marked above"
grep -nE '[[:space:]]$' $files && complain "white space at the ends of the lines above"
grep -nE '\b(alloca|strcpy|strcat|sprintf|gets)[[:space:]]*\(' $files &&
	complain "unbounded functions above"
for f in src/*/*.c; do
	case "$f" in
	src/cli/* | src/capture/* | src/base/debug.c | src/base/diag.c | src/base/option.c | src/base/xalloc.c) ;;
	*)
		grep -nE '\b(printf|puts|perror|exit)[[:space:]]*\(' "$f" |
			grep -v snprintf && complain "$f: library code prints or exits"
		;;
	esac
done
exit $status
