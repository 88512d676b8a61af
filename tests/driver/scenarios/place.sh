#!/bin/sh
# place.sh DIR CAPTURE ACT BUSYBOX NAME [CONTAINER]: makes a place of its own for the scenario NAME (cgroup, namespaces,
# and a root in memory that is gone with them) and records it there: see record.sh. With CONTAINER, the
# cgroup is named as Docker names that of the container.
set -eu
if [ -z "${EYAS_PLACE:-}" ]; then
	for dir in $(awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/mounts); do
		if [ -z "${6:-}" ]; then
			echo 0 >"$dir/cgroup.procs"
		else
			mkdir -p "$dir/docker/$6" && echo 0 >"$dir/docker/$6/cgroup.procs"
		fi || continue
	done 2>/dev/null
	# in a cgroup namespace its own cgroup is /, and no container
	own=-C
	[ -z "${6:-}" ] || own=
	EYAS_PLACE=1 exec unshare -m -u -i -n $own sh "$0" "$@"
fi
unset EYAS_PLACE
mount --make-rprivate /
mount -t tmpfs -o mode=755 scenario "$1"
sh "${0%/*}/make_root.sh" "$1" "$2" "$3" "$4"
cd "$1"
pivot_root . old
exec /bin/busybox env -i /bin/chroot . /bin/sh /lab/record.sh "$5"
