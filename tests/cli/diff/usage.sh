eyas diff --old rules traces/good/tiny.eyt
eyas diff --old rules --new rules
eyas diff --old rules --new rules -
eyas diff --old rules --new rules --rule-matching some traces/good/tiny.eyt
eyas diff --old rules --new tests/cli/rules/broken.yaml traces/good/tiny.eyt
eyas diff --old rules --new rules traces/bad/cut-event/*
