for list in proc.nmae proc.aname[x] proc.name[1] evt.arg evt.arg.nosuch evt.arg[]; do
	eyas events -F "$list" traces/good/plain.scap
	echo "exit $?"
done
