#!/bin/sh
# Builds eyas for a big-endian machine and compares, under emulation, what it says with what the
# native one says, byte for byte: make check-s390x.
#
# Needs s390x-linux-gnu-gcc, qemu-s390x-static, apt-get and dpkg (the libraries are fetched for s390x into a
# directory of their own, nothing is installed). S390X_DIR names a directory to keep between
# runs; by default a temporary one is used. Exit status: 0 equal, 1 not, 77 tools are missing.
set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
EYAS=${EYAS:-$PWD/eyas}

skip() { echo "1..0 # SKIP $*"; exit 77; }
fail() { echo "Bail out! $*"; exit 1; }

for tool in s390x-linux-gnu-gcc qemu-s390x-static apt-get dpkg pkg-config; do
	command -v $tool >/dev/null || skip "$tool is missing (gcc-s390x-linux-gnu, qemu-user-static, apt, pkg-config)"
done
if [ -n "${S390X_DIR:-}" ]; then
	dir=$S390X_DIR
	mkdir -p "$dir" || exit 1
	dir=$(cd "$dir" && pwd)
else
	dir=$(mktemp -d "${TMPDIR:-/tmp}/eyas-s390x.XXXXXX") || exit 1
	trap 'rm -rf "$dir"' EXIT
fi
root=$dir/root

sh "$srcdir/tests/foreign_libs.sh" s390x "$dir" libzstd-dev libzstd1 libyaml-dev libyaml-0-2 libjansson-dev libjansson4 \
	zlib1g zlib1g-dev libpcre2-dev libpcre2-8-0 libcmocka-dev libcmocka0 >"$dir/fetch.log" 2>&1 ||
	skip "the libraries for s390x could not be fetched: $(tail -n 1 "$dir/fetch.log")"

mkdir -p "$dir/build" && cd "$dir/build" || exit 1
PKG_CONFIG_LIBDIR=$root/usr/lib/s390x-linux-gnu/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
{
	[ -e Makefile ] || "$srcdir/configure" -q --host=s390x-linux-gnu --without-report-page LDFLAGS="-static -L$root/usr/lib/s390x-linux-gnu"
} >"$dir/build.log" 2>&1 && make -j"${JOBS:-2}" eyas >>"$dir/build.log" 2>&1 ||
	fail "eyas does not build for s390x: $(grep -m 3 -E 'error|undefined' "$dir/build.log")"
foreign=$dir/build/eyas
file=$(od -An -tx1 -N6 "$foreign" | tr -d ' \n')
[ "$file" = 7f454c460202 ] || fail "the s390x build is not a big-endian ELF file ($file)"

n=0
bad=0
compare() { # NAME ARGUMENT...
	what=$1
	shift
	n=$((n + 1))
	(cd "$srcdir" && "$EYAS" "$@") >"$dir/native.out" 2>"$dir/native.err"
	native=$?
	(cd "$srcdir" && qemu-s390x-static "$foreign" "$@") >"$dir/foreign.out" 2>"$dir/foreign.err"
	if [ $? -eq $native ] && cmp -s "$dir/native.out" "$dir/foreign.out" &&
	   cmp -s "$dir/native.err" "$dir/foreign.err"; then
		echo "ok $n - $what"
		return
	fi
	echo "not ok $n - $what"
	{ diff "$dir/native.out" "$dir/foreign.out"; diff "$dir/native.err" "$dir/foreign.err"; } |
		head -n 10 | sed 's/^/# /'
	bad=1
}

for script in "$srcdir"/traces/good/*/*.eyt; do
	name=${script#"$srcdir"/traces/good/}
	compare "alerts of ${name%.eyt}" replay --json --rule-matching all --summary none -r rules "$script"
done
compare "a report, as data" report --json -r rules traces/good/web-intrusion/incident.eyt
compare "the fields of the language" list fields --json
compare "the rules, described" rules show -r rules '*'
data=${EYAS_CONFORMANCE:-$srcdir/../shared/conformance}
if [ -d "$data" ]; then
	data=$(cd "$data" && pwd)
	rules=$(sed "s|^|$data/rules/|" "$data/rules/order.txt")
	for capture in "$data"/captures/*.scap; do
		name=${capture##*/}
		set --
		for r in $rules; do set -- "$@" -r "$r"; done
		compare "alerts of $name" replay --json --rule-matching all --summary none "$@" "$capture"
		compare "events of $name" events "$capture"
	done
	for dest in eyas scap; do
		n=$((n + 1))
		"$EYAS" convert "$data/captures/cat_write.scap" "$dir/native.$dest" 2>/dev/null
		qemu-s390x-static "$foreign" convert "$data/captures/cat_write.scap" "$dir/foreign.$dest" 2>/dev/null
		if "$EYAS" events "$dir/native.$dest" >"$dir/native.out" 2>&1 &&
		   "$EYAS" events "$dir/foreign.$dest" >"$dir/foreign.out" 2>&1 &&
		   cmp -s "$dir/native.out" "$dir/foreign.out"; then
			echo "ok $n - a .$dest written there reads here"
		else
			echo "not ok $n - a .$dest written there reads here"
			bad=1
		fi
		rm -f "$dir/native.$dest" "$dir/foreign.$dest"
	done
fi
echo "1..$n"
exit $bad
