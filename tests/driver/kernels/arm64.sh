#!/bin/sh
# make check-kernels-arm64: builds eyas-capture for aarch64 and runs kernels.sh with it: Debian's arm64 kernels in qemu.
# The libraries are fetched from the distribution this machine uses into driver-kernels/ of the build
# directory; nothing is installed. TAP; 77 with the reason when tools or packages are missing.
set -u
here="${srcdir:-.}/tests/driver/kernels"
top=$(cd "${srcdir:-.}" && pwd)
mkdir -p "${builddir:-.}/driver-kernels/arm64"
dir=$(cd "${builddir:-.}/driver-kernels/arm64" && pwd)
root=$dir/root

skip()
{
	echo "1..0 # SKIP $*"
	exit 77
}

for tool in aarch64-linux-gnu-gcc qemu-system-aarch64 apt-get dpkg pkg-config clang bpftool; do
	PATH=$PATH:/usr/sbin command -v $tool >/dev/null ||
		skip "$tool is missing (gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm apt pkg-config clang bpftool)"
done
echo 'int main(void) { return 0; }' >"$dir/try.c"
aarch64-linux-gnu-gcc -o "$dir/try" "$dir/try.c" 2>/dev/null || skip "aarch64-linux-gnu-gcc does not link (libc6-dev-arm64-cross)"

sh "$top/tests/foreign_libs.sh" arm64 "$dir" busybox-static libc6 libgcc-s1 libbpf-dev libbpf1 libelf-dev libelf1 \
	libpcap-dev libpcap0.8-dev libpcap0.8 libdbus-1-dev libdbus-1-3 libsystemd0 libcap2 libgcrypt20 libgpg-error0 \
	liblz4-1 liblzma5 libzstd-dev libzstd1 zlib1g-dev zlib1g libyaml-dev libyaml-0-2 libjansson-dev libjansson4 \
	libpcre2-dev libpcre2-8-0 libcmocka-dev libcmocka0 >"$dir/fetch.log" 2>&1 ||
	skip "the libraries for arm64 could not be fetched: $(tail -n 1 "$dir/fetch.log")"

mkdir -p "$dir/build"
(
	cd "$dir/build" || exit 1
	libs=$root/usr/lib/aarch64-linux-gnu
	[ -e Makefile ] || PKG_CONFIG_LIBDIR=$libs/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
		"$top/configure" -q --host=aarch64-linux-gnu --without-report-page \
		CPPFLAGS="-isystem $root/usr/include -isystem $root/usr/include/aarch64-linux-gnu" \
		LDFLAGS="-L$libs -Wl,-rpath-link,$libs:$root/lib/aarch64-linux-gnu" || exit 1
	make -s -j"${JOBS:-2}" eyas-capture
) >"$dir/build.log" 2>&1 || {
	echo "Bail out! eyas-capture does not build for arm64: $(grep -m 3 -E 'error|undefined' "$dir/build.log")"
	exit 1
}
ARCH=arm64 SYSROOT=$root EYAS_CAPTURE=$dir/build/eyas-capture exec sh "$here/kernels.sh"
