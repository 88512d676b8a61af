eyas coverage -r rules --disable '*' --enable 'Shell in*' --json traces/good/container-shell/incident.eyt
