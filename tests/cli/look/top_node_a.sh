# A capture of another tool, if it is here.
t=../shared/conformance/captures/node-a.scap
[ -f $t ] || { echo "no conformance captures" >&2; exit 77; }
eyas top $t
eyas top --by proc.name,fd.name --sort bytes -n 5 $t evt.is_io_write = true
