#!/bin/sh
# record_guest.sh KERNEL DIR [NAME]...: records scenarios in qemu, one guest each, into DIR/NAME.eyas, from where they
# may go to traces/good/recorded-NAME/trace.eyas: nothing of the machine that records is in them. KERNEL is a
# vmlinuz with BTF, such as check-kernels fetches. EYAS_CAPTURE is the recorder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 out=$2
shift 2
: "${EYAS_CAPTURE:=./eyas-capture}"
work=$(mktemp -d "${TMPDIR:-/tmp}/eyas-guest.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/root"
${CC:-gcc} -D_GNU_SOURCE -O1 -Wall -static -o "$work/act" "$here/act.c"
strip "$work/act"
sh "$here/make_root.sh" "$work/root" "$EYAS_CAPTURE" "$work/act" "$(command -v busybox)"
cat >"$work/root/init" <<-'END'
	#!/bin/busybox sh
	# The kernel's command line sets name and cgroup.
	export PATH=/bin
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t cgroup2 cgroup /sys/fs/cgroup
	echo 3 >/proc/sys/kernel/printk
	mkdir -p "/sys/fs/cgroup/$cgroup"
	echo 0 >"/sys/fs/cgroup/$cgroup/cgroup.procs"
	busybox env -i unshare -m -u -i -n sh /lab/record.sh "$name" 8>/run/trace 9>/run/said
	stty -F /dev/console -onlcr
	cat /run/said
	echo "-----BEGIN EYAS-----"
	base64 /run/trace
	echo "-----END EYAS-----"
	reboot -f
END
chmod 755 "$work/root/init"
(cd "$work/root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$work/initramfs"
for name; do
	cgroup=system
	! grep -q '^# place container' "$here/$name.sh" ||
		cgroup=docker/3b1f8a7c5d2e4960a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718
	timeout 120 qemu-system-x86_64 -machine pc -cpu max,cx16=off -accel tcg -m 512 -smp 2 -display none \
		-monitor none -serial stdio -no-reboot -kernel "$kernel" -initrd "$work/initramfs" \
		-append "console=ttyS0 panic=-1 loglevel=4 name=$name cgroup=$cgroup" </dev/null >"$work/console" || :
	sed -n '/BEGIN EYAS/,/END EYAS/p' "$work/console" | tr -d '\r' | sed '1d;$d' | base64 -d >"$out/$name.eyas"
	[ -s "$out/$name.eyas" ] || { cat "$work/console" >&2; exit 1; }
done
