# What cannot be meant.
t=traces/good/tiny.eyt
for o in '--by proc.nam' '--by ,' '--by evt.arg' '--sort size' '-n x' '--max-keys 0' '--by evt.num,evt.num,evt.num,evt.num,evt.num,evt.num,evt.num,evt.num,evt.num'; do
	eyas top $o $t 2>&1
	echo "exit $?"
done
eyas top $t 'proc.name =' 2>&1
echo "exit $?"
