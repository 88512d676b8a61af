# Deep chains, numbers given again, signals, many execs, threads, parents that go round, hostile names.
{
printf '%s\n' 'eyas-script 1'
printf '%s\n' 'thread tid=1 ptid=0 comm=init exe="in\nit\x1b[1m" args=["[! Forged rule]"]'
printf '%s\n' 'thread tid=50 ptid=51 comm=a'
printf '%s\n' 'thread tid=51 ptid=50 comm=b'
t=2026-11-20T09:00:00Z
i=100
while [ $i -lt 140 ]; do
	p=$((i == 100 ? 1 : i - 1))
	printf '%s\n' "$t tid=$i clone res=0 exe=d args=[$i] tid=$i pid=$i ptid=$p comm=d flags=0 uid=0 gid=0 vtid=$i vpid=$i"
	t=+1ms
	i=$((i + 1))
done
printf '%s\n' '+1ms tid=200 clone res=0 exe=t tid=200 pid=200 ptid=1 comm=t flags=0 uid=0 gid=0 vtid=200 vpid=200'
printf '%s\n' '+1ms tid=201 clone res=0 exe=t tid=201 pid=200 ptid=1 comm=t flags=CLONE_THREAD|CLONE_FILES uid=0 gid=0 vtid=201 vpid=200'
printf '%s\n' '+1ms tid=200 procexit status=256 ret=1 sig=0 core=0 reaper_tid=0'
printf '%s\n' '+1s tid=201 procexit status=0 ret=0 sig=0 core=0 reaper_tid=0'
printf '%s\n' '+3s tid=200 clone res=0 exe=again tid=200 pid=200 ptid=1 comm=again flags=0 uid=0 gid=0 vtid=200 vpid=200'
i=0
while [ $i -lt 20 ]; do
	printf '%s\n' "+1ms tid=200 execve res=0 exe=e args=[$i] tid=200 pid=200 ptid=1 cwd=/ comm=e env=[] tty=0 vpgid=200 loginuid=-1 flags=0 uid=0 pgid=200 gid=0"
	i=$((i + 1))
done
printf '%s\n' '+1ms tid=200 procexit status=139 ret=0 sig=11 core=1 reaper_tid=0'
} >"$TMP/t.eyt"
eyas tree "$TMP/t.eyt"
eyas tree --json --pid 200 "$TMP/t.eyt" | tail -n 2
