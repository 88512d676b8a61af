# Wrong moments.
for o in '--at yesterday' '--at 0' '--diff 5' '--diff 9 5' '--diff 5 x'; do
	eyas ps $o traces/good/tiny.eyt 2>&1
	echo "exit $?"
done
eyas ps 2>&1
echo "exit $?"
