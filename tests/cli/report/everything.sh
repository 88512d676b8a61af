# Connections of all kinds, files read, written, renamed and removed, losses, provenance that is no JSON, names that are no text.
cat >$TMP/t.eyt <<'T'
eyas-script 1
provenance "not JSON </script>"
machine hostname=h cpus=1 memory=1
thread tid=1 ptid=0 comm=init exe=/sbin/init exepath=/sbin/init
thread tid=2 comm="a\xff\n" exe="\x1b[1m" exepath=/bin/a args=["\xe2\x80\xa8"]
2026-11-20T09:00:00Z tid=2 openat fd=3 dirfd=AT_FDCWD name="/tmp/\xff\x0a" flags=O_WRONLY|O_CREAT mode=0 dev=0 ino=0
+1ms tid=2 write res=10 data=0123456789 fd=3 size=10
+1ms tid=2 openat fd=4 dirfd=AT_FDCWD name=/etc/passwd flags=O_RDONLY mode=0 dev=0 ino=0
+1ms tid=2 read res=5 data=01234 fd=4 size=5
+1ms tid=2 rename res=0 oldpath=/tmp/x newpath=/tmp/y
+1ms tid=2 unlink res=0 path=/tmp/y
+1ms tid=2 socket fd=5 domain=2 type=1 proto=0
+1ms tid=2 connect res=0 tuple=192.0.2.1:40000->198.51.100.1:443 fd=5 addr=198.51.100.1:443
+1ms tid=2 sendto res=3 data=abc fd=5 size=3 tuple=192.0.2.1:40000->198.51.100.1:443
+1ms tid=2 recvfrom res=2 data=ab fd=5 size=2 tuple=192.0.2.1:40000->198.51.100.1:443
+1ms tid=2 socket fd=6 domain=2 type=1 proto=0
+1ms tid=2 connect res=-111 tuple=192.0.2.1:40001->198.51.100.1:444 fd=6 addr=198.51.100.1:444
loss count=7 cause=buffer_full
+1s tid=2 procexit status=9 ret=0 sig=9 core=0 reaper_tid=1
T
eyas report --json $TMP/t.eyt | sed -e "s/\"activity\":{[^}]*}/\"activity\":\"...\"/" -e 's/},{/},\n{/g' -e 's/\],"/],\n"/g'
echo "--- a part"
eyas report --json --events 3-5 $TMP/t.eyt | sed -e "s/\"activity\":{[^}]*}/\"activity\":\"...\"/" -e 's/},{/},\n{/g' -e 's/\],"/],\n"/g' | grep -E 'selected|"pid":2'
