eyas explain -r rules --event 4000 traces/good/container-shell/incident.eyt
eyas explain -r rules --event 0 traces/good/container-shell/incident.eyt
eyas explain -r rules --event x traces/good/container-shell/incident.eyt
eyas explain -r rules --event 1 traces/good/tiny.eyt traces/good/tiny.eyt
eyas explain -r rules
eyas explain traces/good/tiny.eyt
eyas explain -r traces/good/tiny.eyt traces/good/tiny.eyt
eyas explain -r rules missing.scap
