eyas explain -r rules --rule 'Kernel module loaded' traces/bad/cut-event/*
