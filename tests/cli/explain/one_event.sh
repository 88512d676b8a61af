eyas explain -r rules --event 7 traces/good/container-shell/incident.eyt
eyas explain -r rules --event 1 --near 1 traces/good/container-shell/incident.eyt
