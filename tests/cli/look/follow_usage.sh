# What cannot be meant.
t=traces/good/tiny.eyt
for o in '' '--fd 3' '--fd x:3' '--pid x' '--conn here' '--conn 1.2.3.4:99999' '--pid 1 --reads --writes' '--typed --hex'; do
	eyas follow $o $t 2>&1
	echo "exit $?"
done
eyas follow --fd 1:1 - <$t 2>&1
echo "exit $?"
eyas follow --fd 1:1 $TMP/nothing 2>&1
echo "exit $?"
