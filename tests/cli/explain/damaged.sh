eyas explain -r rules/eyas_rules.yaml --rule 'Kernel module loaded' traces/bad/cut-event/*
