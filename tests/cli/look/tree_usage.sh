# Rules are needed for marks; one trace.
eyas tree --marked traces/good/tiny.eyt 2>&1
echo "exit $?"
eyas tree 2>&1
echo "exit $?"
eyas tree --pid x traces/good/tiny.eyt 2>&1
echo "exit $?"
eyas tree -r rules --rule 'No such rule' --marked traces/good/tiny.eyt 2>&1
echo "exit $?"
