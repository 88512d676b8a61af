# The confinement allows what was named, however it was named.
ln -s $PWD/traces/good/web-intrusion/incident.eyt $TMP/link
mkfifo $TMP/fifo
cat $TMP/link >$TMP/fifo &
for trace in $TMP/link $TMP/fifo /dev/stdin; do
	eyas replay -q -r rules/eyas_rules.yaml -r rules --tag network $trace <$TMP/link | grep -c network
done
