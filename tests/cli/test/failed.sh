# The first run lists what failed, the second runs those, and the list is empty when they pass.
cp tests/cli/test/rules.yaml tests/cli/test/good.yaml $TMP
sed -i 's/count: 1/count: 2/' $TMP/good.yaml
eyas test --failed $TMP/failed $TMP/good.yaml
cat $TMP/failed
sed -i 's/count: 2/count: 1/' $TMP/good.yaml
eyas test -v --failed $TMP/failed $TMP/good.yaml
cat $TMP/failed
