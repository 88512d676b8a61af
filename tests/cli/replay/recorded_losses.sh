cat >$TMP/trace <<EOF
eyas-script 1
thread tid=7 comm=cat exe=cat
2026-11-20T09:14:00Z tid=7 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY
loss count=50 cause=buffer_full
loss count=unknown cause=disk
+1100ms tid=7 close res=0 fd=3
EOF
eyas replay -r rules --on-loss alert $TMP/trace
eyas replay -r rules --summary json $TMP/trace >/dev/null
