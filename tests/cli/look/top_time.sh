# Time in calls where enter events were recorded; else it is not known.
eyas top --by evt.type --sort time traces/good/old-headers.scap
eyas top --by evt.type --sort time -n 2 traces/good/web-intrusion/incident.eyt
t=../shared/conformance/captures/curl_google.scap
[ -f $t ] || { echo "no conformance captures" >&2; exit 77; }
eyas top --by evt.type --sort time -n 5 $t
eyas top --by evt.type --sort time -n 5 --json $t
