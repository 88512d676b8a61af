# By process, user, container, and a condition as in rules.
t=traces/good/web-intrusion/incident.eyt
eyas ps --user www-data $t
eyas ps --user 1000 $t
eyas ps --pid 1 --pid 800 --pid 99999 $t
eyas ps --container host --user alice $t
eyas ps --container nothing $t
eyas ps $t 'proc.pname = nginx or proc.aname[2] = su'
