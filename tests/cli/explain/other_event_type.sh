eyas explain -r rules/eyas_rules.yaml --rule 'Kernel module loaded' traces/good/container-shell/harmless.eyt
