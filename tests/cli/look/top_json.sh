# With the types that fields have; the others at the end.
eyas top --json --by proc.pid,proc.name --by error -n 2 traces/good/web-intrusion/incident.eyt
