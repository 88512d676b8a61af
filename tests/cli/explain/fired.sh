eyas explain -r rules --rule 'Shell in a container with a terminal' traces/good/container-shell/incident.eyt
