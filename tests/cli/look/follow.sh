# One stream over dup and fork, both directions, with what is missing; text, hexadecimal, bytes.
cat >"$TMP/t.eyt" <<'END'
eyas-script 1
user uid=0 gid=0 name=root home=/root shell=/bin/bash
thread tid=1 ptid=0 comm=init
thread tid=10 ptid=1 comm=bash tty=34816
fd tid=10 fd=0 type=file name=/dev/pts/0 flags=O_RDWR
2026-11-20T09:00:00Z tid=10 write res=13 data="root@web-1:~#" fd=2 size=13
+1ms tid=10 openat fd=2 dirfd=AT_FDCWD name=/dev/pts/0 flags=O_RDWR mode=0 dev=0 ino=0
+1ms tid=10 write res=14 data="root@web-1:~# " fd=2 size=14
+1ms tid=10 read res=1 data="l" fd=0 size=1
+1ms tid=10 write res=1 data="l" fd=2 size=1
+200ms tid=10 read res=1 data="x" fd=0 size=1
+1ms tid=10 write res=1 data="x" fd=2 size=1
+200ms tid=10 read res=1 data="\x7f" fd=0 size=1
+1ms tid=10 write res=4 data="\x08\x1b[K" fd=2 size=4
+200ms tid=10 read res=1 data="s" fd=0 size=1
+1ms tid=10 write res=1 data="s" fd=2 size=1
+200ms tid=10 read res=1 data="\r" fd=0 size=1
+1ms tid=10 write res=1 data="\n" fd=2 size=1
+1ms tid=10 write res=14 data="root@web-1:~# " fd=2 size=14
+1s tid=10 read res=3 data="\x1b[A" fd=0 size=3
+1ms tid=10 write res=2 data="ls" fd=2 size=2
+1s tid=10 read res=1 data="\r" fd=0 size=1
+1ms tid=10 write res=1 data="\n" fd=2 size=1
+1ms tid=10 socket fd=5 domain=AF_INET type=1 proto=6
+1ms tid=10 connect res=0 tuple=192.0.2.10:44200->203.0.113.80:80 fd=5 addr=203.0.113.80:80
+1ms tid=10 write res=18 data="GET / HTTP/1.0\r\n\r\n" fd=5 size=18
+1ms tid=10 dup2 res=7 oldfd=5 newfd=7
+1ms tid=10 clone res=11 exe=bash tid=10 pid=10 ptid=1 comm=bash flags=0 uid=0 gid=0 vtid=10 vpid=10
+1ms tid=11 clone res=0 exe=bash tid=11 pid=11 ptid=10 comm=bash flags=0 uid=0 gid=0 vtid=11 vpid=11
+1ms tid=11 read res=5000 data="HTTP/1.0 200 OK\r\n\r\n<html>\x1b[31mhello" fd=7 size=8192
+1ms tid=11 read res=10 data="rest\n12345" fd=7 size=8192
+1ms tid=11 close res=0 fd=7
+1ms tid=11 openat fd=7 dirfd=AT_FDCWD name=/tmp/other flags=O_RDWR mode=0 dev=0 ino=0
+1ms tid=11 write res=5 data="other" fd=7 size=5
+1ms tid=11 write res=5 data="\x00\x01abc" fd=5 size=5
+1ms tid=11 procexit status=0 ret=0 sig=0 core=0 reaper_tid=0
END
t=$TMP/t.eyt
eyas follow --fd 11:7 $t
eyas follow --fd 11:7 --hex $t
eyas follow --conn :80 --raw --reads $t | od -c
eyas follow --conn 203.0.113.80:80 --writes $t
eyas follow --conn '192.0.2.10:44200->203.0.113.80:80' --events 26- $t
eyas follow --conn 203.0.113.81 --conn 127.0.0.1:80 $t
eyas follow $t fd.name=/tmp/other
