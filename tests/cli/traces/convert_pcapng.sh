# a packet of a connection, from before the call has ended, with the process that made it
{
	echo 'eyas-script 1'
	echo 'thread tid=100 comm=curl exe=/usr/bin/curl'
	echo 'tid=100 socket fd=3 domain=AF_INET type=1 proto=6'
	printf 'tid=none asyncevent name=packet data=hex:01026500280000006c6f'
	echo 4500002800010000400600000a0000010a0000021234005000000000000000005002000000000000
	echo '+1ms tid=100 connect res=0 tuple=10.0.0.1:4660->10.0.0.2:80 fd=3'
} >"$TMP/p.eyt"
eyas convert "$TMP/p.eyt" "$TMP/p.eyas"
eyas events -p '*%evt.type %evt.asynctype %proc.name' "$TMP/p.eyas"
eyas convert "$TMP/p.eyas" "$TMP/p.scap"
eyas convert "$TMP/p.scap" "$TMP/p.pcapng"
eyas convert "$TMP/p.eyt" - --to pcapng | cmp - "$TMP/p.pcapng" && echo same
tail -c 132 "$TMP/p.pcapng" | od -An -c -v
# none in it
grep -v packet "$TMP/p.eyt" >"$TMP/n.eyt"
eyas convert "$TMP/n.eyt" "$TMP/n.pcapng"
echo "exit $?"
ls "$TMP"
