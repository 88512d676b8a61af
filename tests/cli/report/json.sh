# What the page of an incident shows, a line for each thing.
t=traces/good/web-intrusion/incident.eyt
eyas report --json -r rules $t | sed -e 's/"activity":{[^}]*}/"activity":"..."/' -e 's/},{/},\n{/g' -e 's/\],"/],\n"/g'
