# A capture of another tool, if it is here.
t=../shared/conformance/captures/node-a.scap
[ -f $t ] || { echo "no conformance captures" >&2; exit 77; }
eyas follow --conn :8080 $t | head -n 30
eyas follow --conn :8080 --raw --reads $t | od -c | head -n 10
eyas follow --pid 223 $t
