# Names that would forge lines, colours or JSON are escaped; a very long one does not widen the rest.
cat >"$TMP/t.eyt" <<'END'
eyas-script 1
user uid=0 gid=0 name="root\x1b[31m" home=/ shell=/bin/sh
thread tid=1 ptid=0 comm="a\nb" exe="x\x1b]0;title\x07" args=["\xff\xfe","two words","quo\"te"] cwd="/tmp/\n"
thread tid=2 ptid=1 comm="0123456789012345678901234567890123456789012345678901234567890123456789"
2026-11-20T09:00:00Z tid=1 openat fd=3 dirfd=AT_FDCWD name="/tmp/x\n1  2  root" flags=O_RDONLY mode=0 dev=0x801 ino=7
+1ms tid=1 getuid uid=0
END
eyas ps "$TMP/t.eyt"
eyas ps --json "$TMP/t.eyt"
eyas fds -a "$TMP/t.eyt"
eyas fds --json "$TMP/t.eyt"
eyas users "$TMP/t.eyt"
