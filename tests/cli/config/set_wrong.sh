for s in json_output json_output=perhaps 'priority=[' 'rules[x=1' 'a..b=1' 'rules[100000]=1'; do
	eyas replay --set "$s" traces/good/web-intrusion/incident.eyt
	echo "exit $?"
done
