#!/bin/sh
# foreign_libs.sh ARCH DIR PACKAGE...: the packages of another architecture, from the distribution this machine uses, unpacked
# below DIR/root; nothing is installed. What was fetched once is not fetched again. Says on standard error what goes wrong.
set -u
arch=$1 dir=$2
shift 2
[ ! -e "$dir/fetched" ] || exit 0
mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial" "$dir/debs" "$dir/root" || exit 1
: >"$dir/apt/status"
cat >"$dir/apt.conf" <<EOF
Dir::State "$dir/apt";
Dir::State::Lists "$dir/apt/lists";
Dir::State::status "$dir/apt/status";
Dir::Cache "$dir/apt";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
Acquire::Languages "none";
EOF
[ "$(id -u)" != 0 ] || echo 'APT::Sandbox::User "root";' >>"$dir/apt.conf"
APT_CONFIG=$dir/apt.conf
export APT_CONFIG
{ apt-get -q update && cd "$dir/debs" && timeout 300 apt-get -q download "$@"; } >&2 || exit 1
for deb in *.deb; do
	dpkg -x "$deb" "$dir/root" || exit 1
done
: >"$dir/fetched"
