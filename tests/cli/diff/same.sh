eyas diff --old rules --new rules traces/good/*/incident.eyt
