# In the shape of ss.
t=traces/good/web-intrusion/incident.eyt
eyas net --at 2026-11-20T09:14:18Z $t
eyas net --at 2026-11-20T09:14:18Z --json --port 4444 $t
cat >"$TMP/t.eyt" <<'END'
eyas-script 1
thread tid=1 ptid=0 comm=init
thread tid=10 ptid=1 comm=web
2026-11-20T09:00:00Z tid=10 socket fd=3 domain=AF_INET type=1 proto=6
+1ms tid=10 bind res=0 addr=0.0.0.0:80 fd=3
+1ms tid=10 socket fd=4 domain=AF_INET type=2 proto=17
+1ms tid=10 bind res=0 addr=127.0.0.1:53 fd=4
+1ms tid=10 socket fd=5 domain=AF_INET6 type=1 proto=6
+1ms tid=10 accept4 fd=6 tuple=198.51.100.1:999->192.0.2.1:80 queuepct=0 queuelen=0 queuemax=5 flags=0
+1ms tid=10 clone res=11 exe=web tid=10 pid=10 ptid=1 comm=web flags=0 uid=0 gid=0 vtid=10 vpid=10
+1ms tid=11 clone res=0 exe=web tid=11 pid=11 ptid=10 comm=web flags=0 uid=0 gid=0 vtid=11 vpid=11
+1ms tid=11 close res=0 fd=4
+1ms tid=11 socket fd=7 domain=AF_UNIX type=1 proto=0
+1ms tid=11 getuid uid=0
END
eyas net "$TMP/t.eyt"
eyas net -l "$TMP/t.eyt"
eyas net -t -a "$TMP/t.eyt"
eyas net -u "$TMP/t.eyt"
eyas net -x "$TMP/t.eyt"
eyas net --pid 11 "$TMP/t.eyt"
