eyas diff --old rules/eyas_rules.yaml traces/good/tiny.eyt
eyas diff --old rules/eyas_rules.yaml --new rules/eyas_rules.yaml
eyas diff --old rules/eyas_rules.yaml --new rules/eyas_rules.yaml -
eyas diff --old rules/eyas_rules.yaml --new rules/eyas_rules.yaml --rule-matching some traces/good/tiny.eyt
eyas diff --old rules/eyas_rules.yaml --new tests/cli/rules/broken.yaml traces/good/tiny.eyt
eyas diff --old rules/eyas_rules.yaml --new rules/eyas_rules.yaml traces/bad/cut-event/*
