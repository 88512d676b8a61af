# A table of each kind; what is asked for, with a filter.
t=traces/good/web-intrusion/incident.eyt
eyas top -n 3 $t
eyas top --by user.name,proc.name --by evt.type -n 0 $t proc.pid '>' 2000
