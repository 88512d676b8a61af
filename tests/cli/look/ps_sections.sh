# Between two sections the end of the first one holds.
eyas events -F evt.num,evt.rawtime traces/good/sections.scap
for at in $(eyas events -F evt.rawtime traces/good/sections.scap | sed 's/^\(.*\)\(.\{9\}\)$/@\1.\2/'); do
	echo "== $at"
	eyas ps --at $at traces/good/sections.scap
done
