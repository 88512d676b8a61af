# A capture of another tool, if it is here.
t=../shared/conformance/captures/node-a.scap
[ -f $t ] || { echo "no conformance captures" >&2; exit 77; }
eyas ps --at 9081 $t
eyas fds --at 9081 --pid 139 $t
eyas net --at 2026-11-21T23:00:41Z $t
eyas net -x --at 2026-11-21T23:00:41Z $t
eyas users --at 2026-11-21T23:00:41Z $t
eyas ps --diff 9000 9500 $t
