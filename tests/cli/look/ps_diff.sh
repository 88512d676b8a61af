# What appeared, vanished and changed.
t=traces/good/web-intrusion/incident.eyt
eyas ps --diff 1 2026-11-20T09:14:18Z $t
eyas ps --diff 2026-11-20T09:14:18Z end --json $t
