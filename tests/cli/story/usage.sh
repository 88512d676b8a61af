t=traces/good/web-intrusion/incident.eyt
eyas story $t
eyas story --alert 1 $t
eyas story --pid x $t
eyas story --pid 1 --file /x $t
eyas story --limit 0 --pid 1 $t
eyas story --json --dot --pid 1 $t
eyas story --pid 99999 $t
eyas story --file nowhere $t
eyas story -r rules --alert 99 $t
eyas story --pid 1 rules/eyas_rules.yaml
