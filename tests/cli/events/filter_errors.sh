for filter in 'proc.nmae=cat' 'proc.name=' 'evt.num=x' 'evt.type=nosuch' 'some_macro'; do
	eyas events traces/good/plain.scap "$filter"
	echo "exit $?"
done
