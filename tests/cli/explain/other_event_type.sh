eyas explain -r rules --rule 'Kernel module loaded' traces/good/container-shell/harmless.eyt
