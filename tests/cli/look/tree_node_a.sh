# A capture of another tool, if it is here.
t=../shared/conformance/captures/node-a.scap
[ -f $t ] || { echo "no conformance captures" >&2; exit 77; }
eyas tree --pid 172 $t
eyas tree -r rules --marked $t
eyas tree --json $t | wc -l
