# The processes of an incident; those that raised alerts; one with its kin.
t=traces/good/web-intrusion/incident.eyt
eyas tree $t
eyas tree --pid 2407 $t
eyas tree -r rules --marked $t
eyas tree -r rules --rule 'Setuid*' --rule 'Program file changed' --marked $t
