eyas replay -q -r rules --tag network --json --simulate-loss --loss-burst 3 --on-loss alert traces/good/web-intrusion/incident.eyt
