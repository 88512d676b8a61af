# Users as whom something runs; all of them.
t=traces/good/web-intrusion/incident.eyt
eyas users $t
eyas users -a $t
eyas users --json --user alice $t
eyas users --diff 1 2026-11-20T09:14:40Z $t
