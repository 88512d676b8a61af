eyas explain -r rules/eyas_rules.yaml --rule 'Shell in a container with a terminal' traces/good/container-shell/incident.eyt
