# More keys than may be held: bounds, said so.
t=traces/good/web-intrusion/incident.eyt
eyas top --by evt.type --max-keys 3 -n 2 $t
eyas top --by evt.type --max-keys 12 -n 1 $t
eyas top --by evt.type --max-keys 3 -n 2 --json $t
