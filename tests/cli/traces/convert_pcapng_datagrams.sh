# datagrams of sockets that are bound to no address: both ends know who it is, whatever address the packet has
packet()
{
	printf 'tid=none asyncevent name=packet data=hex:01026500%02x0000006c6f%s\n' $((${#1} / 2)) "$1"
}
{
	echo 'eyas-script 1'
	echo 'thread tid=100 comm=dig'
	echo 'thread tid=200 comm=named'
	echo 'thread tid=300 comm=other'
	echo 'fd tid=300 fd=3 addr=0.0.0.0:53 proto=udp'
	echo 'tid=200 socket fd=5 domain=AF_INET6 type=2 proto=17'
	echo 'tid=200 bind res=0 addr=[::]:53 fd=5'
	echo 'tid=100 socket fd=4 domain=AF_INET type=2 proto=17'
	# 10.0.0.1:4660 asks 10.0.0.2:53, is answered, and asks in IPv6
	packet 4500001e00010000401100000a0000010a00000212340035000a00006869
	echo 'tid=100 sendto res=2 data=hi fd=4 size=2 tuple=0.0.0.0:4660->10.0.0.2:53'
	echo 'tid=200 recvfrom res=2 data=hi fd=5 size=9 tuple=[::ffff:10.0.0.1]:4660->[::]:53'
	packet 4500001e00010000401100000a0000020a00000100351234000a00006869
	echo 'tid=200 sendto res=2 data=hi fd=5 size=2 tuple=[::]:53->[::ffff:10.0.0.1]:4660'
	echo 'tid=100 recvfrom res=2 data=hi fd=4 size=9 tuple=10.0.0.2:53->0.0.0.0:4660'
	packet 60000000000a114020010db800000000000000000000000120010db800000000000000000000000212340035000a00006869
	echo 'tid=200 recvmsg res=2 size=2 data=hi fd=5 tuple=[2001:db8::1]:4660->[::]:53'
	# nobody took this one, to another port
	packet 4500001e00010000401100000a0000010a00000212340036000a00006869
	echo 'tid=200 close res=0 fd=5'
} >"$TMP/d.eyt"
eyas convert "$TMP/d.eyt" "$TMP/d.pcapng"
tr -c '[:print:]' '\n' <"$TMP/d.pcapng" | grep -E 'client|server|hi'
