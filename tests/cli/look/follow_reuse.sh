# A number that is given to another file is another stream; so are both ends of a pipe until a copy is made of one.
cat >"$TMP/t.eyt" <<'END'
eyas-script 1
thread tid=1 ptid=0 comm=init
thread tid=10 ptid=1 comm=sh
2026-11-20T09:00:00Z tid=10 openat fd=3 dirfd=AT_FDCWD name=/tmp/a flags=O_RDWR mode=0 dev=0 ino=0
+1ms tid=10 write res=2 data="a1" fd=3 size=2
+1ms tid=10 clone res=11 exe=sh tid=10 pid=10 ptid=1 comm=sh flags=0 uid=0 gid=0 vtid=10 vpid=10
+1ms tid=11 clone res=0 exe=sh tid=11 pid=11 ptid=10 comm=sh flags=0 uid=0 gid=0 vtid=11 vpid=11
+1ms tid=10 close res=0 fd=3
+1ms tid=10 openat fd=3 dirfd=AT_FDCWD name=/tmp/b flags=O_RDWR mode=0 dev=0 ino=0
+1ms tid=10 write res=2 data="b1" fd=3 size=2
+1ms tid=11 write res=2 data="a2" fd=3 size=2
+1ms tid=11 fcntl res=9 fd=3 cmd=F_DUPFD
+1ms tid=11 write res=2 data="a3" fd=9 size=2
+1ms tid=10 openat fd=3 dirfd=AT_FDCWD name=/tmp/c flags=O_RDWR mode=0 dev=0 ino=0
+1ms tid=10 write res=2 data="c1" fd=3 size=2
+1ms tid=10 write res=-5 data="lost" fd=3 size=4
+1ms tid=10 write res=0 data="" fd=3 size=0
+1ms tid=10 getuid uid=0
END
eyas follow --fd 11:9 "$TMP/t.eyt"
echo ==
eyas follow --fd 10:3 "$TMP/t.eyt"
echo ==
eyas follow --writes "$TMP/t.eyt" fd.num=3
