#!/bin/sh
# fetch_kernel.sh DIR SERIES [ARCH]: prints the path of Debian's newest kernel image of SERIES (6.1, 6.12, ...) for
# ARCH (amd64), fetched into DIR unless it is there. Exit 77, with the reason on standard error, when
# apt cannot get it.
#
# apt runs with lists and sources of its own under DIR: the machine's are neither used nor changed.
set -u
dir=$1 series=$2 arch=${3:-amd64}

skip()
{
	echo "$*" >&2
	exit 77
}

# A kernel put here by hand, or by the last run.
found=$(find "$dir/boot" -name "vmlinuz-$series.*-$arch" 2>/dev/null | sort -V | tail -n 1)
[ -z "$found" ] || { echo "$found"; exit 0; }

command -v apt-get >/dev/null || skip "no apt-get here to fetch Linux $series with; put vmlinuz-$series.N-$arch into $dir/boot"
case "$series" in
5.10) suite="debian-security bullseye-security" ;;
6.1) suite="debian bookworm" ;;
6.12) suite="debian bookworm-backports" ;;
*) suite="debian trixie-backports" ;;
esac
apt="$dir/apt/${suite#* }-$arch"
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/state" "$dir/boot"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/$suite main" >"$apt/sources.list"
: >"$apt/status"
cat >"$apt/apt.conf" <<EOF
Dir::State "$apt/state";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::http::Timeout "20";
Acquire::Retries "1";
EOF
APT_CONFIG="$apt/apt.conf"
export APT_CONFIG
timeout 120 apt-get update -q >"$apt/log" 2>&1 || skip "apt-get update of ${suite#* } failed: $(grep -m 1 '^[EW]:' "$apt/log")"
# the cloud flavour is the small one, with all that is needed here built in
# the newest; the archive may have dropped it while the list still names it, so the one before as well
packages=$(apt-cache search --names-only "^linux-image-$series\.[0-9].*-cloud-$arch\$" | cut -d ' ' -f 1 | sort -rV | head -n 3)
[ -n "$packages" ] || skip "${suite#* } has no linux-image-$series.*-cloud-$arch"
got=
for package in $packages; do
	(cd "$apt" && timeout 300 apt-get download -q "$package" >>log 2>&1 && dpkg -x ./"$package"_*.deb unpacked >>log 2>&1) ||
		continue
	got=$package
	break
done
[ -n "$got" ] || skip "could not be fetched: $(echo $packages): $(tail -n 1 "$apt/log")"
mv "$apt"/unpacked/boot/vmlinuz-* "$dir/boot/" || skip "$got holds no kernel"
rm -rf "$apt/unpacked" "$apt"/*.deb
find "$dir/boot" -name "vmlinuz-$series.*-$arch" | sort -V | tail -n 1
