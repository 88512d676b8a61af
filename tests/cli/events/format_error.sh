for format in '%proc.nmae' 'a %nosuch' '%' '%toupper(proc.nam)'; do
	eyas events -p "$format" traces/good/plain.scap
	echo "exit $?"
done
