eyas coverage -r rules/eyas_rules.yaml --disable '*' --enable 'Shell in*' --json traces/good/container-shell/incident.eyt
