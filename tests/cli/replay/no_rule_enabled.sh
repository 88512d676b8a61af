eyas replay -r rules --summary none --tag nosuch traces/good/plain.scap
: >$TMP/empty.yaml
eyas replay -r $TMP/empty.yaml --summary none traces/good/plain.scap
