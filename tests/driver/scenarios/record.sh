#!/bin/sh
# record.sh NAME: inside the root that make_root.sh makes, in namespaces of its own (mount, host name, IPC, network,
# cgroup): records the scenario, in one more pid namespace, and sends the trace to descriptor 8 and what was
# printed to 9. The recorder itself must see the first pid namespace.
name=$1
export PATH=/bin:/usr/bin
hostname lab
[ ! -d /old/proc ] || umount -l /old
[ -e /proc/self ] || mount -t proc proc /proc
[ -e /sys/kernel ] || mount -t sysfs sysfs /sys
[ -e /dev/null ] || mknod -m 666 /dev/null c 1 3
mkdir -p /dev/pts
[ -e /dev/pts/ptmx ] || mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
[ -e /dev/ptmx ] || ln -s pts/ptmx /dev/ptmx
ip link set lo up
ip addr add 203.0.113.9/32 dev lo 2>/dev/null

# The snapshot tells a process's ancestors. Those from outside are none of this machine's business.
pid=$$
while :; do
	pid=$(cat /proc/$pid/stat 2>/dev/null) || break
	pid=${pid##*) }
	pid=${pid#* }
	pid=${pid%% *}
	[ "$pid" -gt 0 ] || break
	above="$pid ${above:-}"
done
for pid in $above; do mount -t tmpfs -o ro none "/proc/$pid"; done

cd /root || exit 1
/lab/eyas-capture -q -o trace.eyas -- /bin/unshare -p -f /bin/sh "/lab/scenarios/$name.sh" </dev/null >/run/out 2>&1 8>&- 9>&-
status=$?
cat /run/out >&9
cat trace.eyas >&8
exit $status
