eyas coverage -r rules traces/good/*/incident.eyt
eyas coverage -r rules --tag container --missing traces/good/container-shell/incident.eyt
