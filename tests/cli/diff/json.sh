sed 's/proc.tty != 0/proc.tty > 90000/' rules/eyas_rules.yaml >$TMP/new.yaml
eyas diff --old rules/eyas_rules.yaml --new $TMP/new.yaml --json traces/good/container-shell/incident.eyt
