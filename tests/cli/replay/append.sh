eyas replay -r rules --json --no-tags --append-output 'pid=%proc.pid' --append-field where=%proc.cwd --append-field proc.ppid --tag network --summary none traces/good/web-intrusion/incident.eyt
