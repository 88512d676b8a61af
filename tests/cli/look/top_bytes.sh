# Bytes that went through descriptors, also when they were not recorded; messages by their own sizes.
cat >"$TMP/t.eyt" <<'END'
eyas-script 1
thread tid=1 ptid=0 comm=a
thread tid=2 ptid=1 comm=b
2026-11-20T09:00:00Z tid=1 openat fd=3 dirfd=AT_FDCWD name=/tmp/x flags=O_RDWR mode=0 dev=0 ino=0
+1ms tid=1 write res=100000 data="abc" fd=3 size=100000
+1ms tid=1 write res=-28 data="abc" fd=3 size=10
+1ms tid=1 read res=5 data="hello" fd=3 size=4096
+1ms tid=2 openat fd=3 dirfd=AT_FDCWD name="/tmp/y\n\x1b[1m" flags=O_RDWR mode=0 dev=0 ino=0
+1ms tid=2 read res=7 data="1234567" fd=3 size=4096
+1ms tid=2 openat fd=-13 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY mode=0 dev=0 ino=0
END
eyas top --by file --sort bytes "$TMP/t.eyt"
eyas top --by file --sort errors "$TMP/t.eyt"
eyas top --by proc.name --sort bytes --json "$TMP/t.eyt"
eyas top --by fd.name,evt.res "$TMP/t.eyt" evt.type=openat
