eyas profile -r rules/eyas_rules.yaml --sort size traces/good/tiny.eyt
eyas profile -r rules/eyas_rules.yaml --top x traces/good/tiny.eyt
eyas profile -r rules/eyas_rules.yaml
