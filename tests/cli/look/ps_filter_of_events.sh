# A field of events can never be true here: it is refused.
for f in evt.type=open 'proc.name=sh and not evt.arg.flags contains O_RDWR' fd.name=x 'proc.nam=x'; do
	eyas ps traces/good/web-intrusion/incident.eyt "$f" 2>&1
	echo "exit $?"
done
