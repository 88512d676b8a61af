# The misses in groups, the nearest first, then the nearest one as a tree.
eyas explain -r rules/eyas_rules.yaml --rule 'Shell in a container with a terminal' traces/good/container-shell/harmless.eyt
