#!/bin/sh
# make check-kernels: the one BPF object on other kernels. Each of $KERNELS is booted in qemu (emulated, so it runs
# anywhere), eyas-capture records a workload there, and the trace is replayed here with rules that say
# what must be in it; once with typed tracepoints, once with raw ones. TAP; what cannot be fetched or run is skipped with the reason.
#
# Kernels, and what the guests sent, are kept in driver-kernels/ of the build directory.
# ARCH=arm64 needs a build for aarch64: EYAS_CAPTURE, and SYSROOT with its libraries (arm64.sh makes both).
set -u
here="${srcdir:-.}/tests/driver/kernels"
out="${builddir:-.}/driver-kernels"
: "${EYAS:=./eyas}" "${EYAS_CAPTURE:=${builddir:-.}/eyas-capture}" "${PYTHON3:=python3}" "${ARCH:=amd64}"
# Debian has dropped 5.10 for arm64
: "${KERNELS:=$([ "$ARCH" = arm64 ] || echo 5.10) 6.1 6.12 6.18}" "${GUEST_SECONDS:=240}" "${SYSROOT:=}"

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 77
}

case "$ARCH" in
amd64)
	qemu=qemu-system-x86_64 cc=${CC:-gcc} console=ttyS0 packages=qemu-system-x86
	# qemu 7.2's emulation of cmpxchg16b loses the flags now and then, and the guest panics
	machine="-machine pc -cpu max,cx16=off"
	;;
arm64)
	qemu=qemu-system-aarch64 cc=aarch64-linux-gnu-gcc console=ttyAMA0 packages="qemu-system-arm gcc-aarch64-linux-gnu"
	machine="-machine virt -cpu cortex-a72"
	;;
*) skip_all "ARCH is amd64 or arm64, not $ARCH" ;;
esac
command -v "$qemu" >/dev/null || skip_all "$qemu is not installed (apt-get install $packages)"
command -v cpio >/dev/null || skip_all "cpio is not installed (apt-get install cpio)"
[ -x "$EYAS_CAPTURE" ] || skip_all "eyas-capture is not built (configure --disable-driver?)"
busybox=$SYSROOT/bin/busybox
[ -x "$busybox" ] || skip_all "$busybox is not there (apt-get install busybox-static)"
"${PYTHON3:-false}" -c '' 2>/dev/null || skip_all "python3 is not installed"

mkdir -p "$out"
root="$out/root-$ARCH"
rm -rf "$root"
mkdir -p "$root/bin" "$root/lib64" "$root/etc"
echo root:x:0:0:root:/root:/bin/sh >"$root/etc/passwd"
echo root:x:0: >"$root/etc/group"
$cc -D_GNU_SOURCE -O1 -static -o "$root/bin/workload" "$here/workload.c" -pthread ||
	{ echo "Bail out! the workload does not compile"; exit 1; }
cp "$busybox" "$root/bin/busybox"
cp "$EYAS_CAPTURE" "$root/bin/eyas-capture"
cp "$here/guest-init" "$root/init"
chmod 755 "$root/init" "$root/bin/busybox"
# the libraries the loader would take, at the paths it looks for them
if [ "$ARCH" = amd64 ]; then
	ldd "$EYAS_CAPTURE" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }'
else
	find "$SYSROOT/lib" "$SYSROOT/usr/lib" -name '*.so.*'
fi | while read -r lib; do
	to="$root${lib#"$SYSROOT"}"
	mkdir -p "${to%/*}"
	cp -L "$lib" "$to"
done
if [ "$ARCH" = arm64 ] && [ ! -e "$root/lib/ld-linux-aarch64.so.1" ]; then
	cp -L "$root"/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1 "$root/lib/"
fi
(cd "$root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$out/initramfs-$ARCH"

# shellcheck disable=SC2086
set -- $KERNELS
echo "1..$#"
i=0 failed=0 ran=0
for series; do
	i=$((i + 1))
	kernel=$(sh "$here/fetch_kernel.sh" "$out" "$series" "$ARCH" 2>"$out/fetch.log") || {
		echo "ok $i - $series # SKIP $(tail -n 1 "$out/fetch.log")"
		continue
	}
	dir="$out/$series-$ARCH"
	rm -rf "$dir"
	mkdir -p "$dir"
	# shellcheck disable=SC2086
	timeout "$GUEST_SECONDS" "$qemu" $machine -accel tcg -m 1024 -smp 2 -display none -monitor none -serial stdio -no-reboot \
		-kernel "$kernel" -initrd "$out/initramfs-$ARCH" -append "console=$console panic=-1 loglevel=4" \
		</dev/null >"$dir/console" 2>&1
	ran=$((ran + 1))
	if "$PYTHON3" "$here/check.py" --eyas "$EYAS" --expect "$here/expect.txt" --console "$dir/console" \
		--out "$dir" >"$dir/result"; then
		echo "ok $i - $series"
	else
		echo "not ok $i - $series"
		failed=$((failed + 1))
	fi
	sed 's/^/# /' "$dir/result"
done
[ "$failed" = 0 ] || exit 1
[ "$ran" != 0 ] || exit 77
