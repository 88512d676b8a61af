# Parts of a recording and another host: sections in order of time, each with its own users and processes.
part() { # HOST USER SECOND NAME
	cat >"$TMP/$1$3.eyt" <<END
eyas-script 1
provenance {"part": "$1$3"}
machine hostname=$1 boot=2026-11-01T00:00:00Z
user uid=500 gid=500 name=$2 home=/ shell=/bin/sh
thread tid=10 pid=10 ptid=1 comm=$2sh exe=/bin/sh exepath=/bin/sh uid=500 gid=500 cwd=/
2026-11-22T10:00:0$3Z tid=10 openat fd=3 dirfd=AT_FDCWD name=/etc/$2$3 flags=O_RDONLY mode=0
+1ms tid=10 close res=0 fd=3
note author=$2 first=2 last=2 text="closed $1$3"
END
	eyas convert "$TMP/$1$3.eyt" "$TMP/$1$3.eyas"
}
part a alice 1
part b bob 2
part a alice 3
cd "$TMP" || exit 9
eyas merge -o all.eyas a3.eyas b2.eyas a1.eyas
echo "exit $?"
eyas verify all.eyas | sed -n '1p; / events/p'
eyas events -F evt.num,evt.hostname,proc.name,user.name,evt.type,fd.name all.eyas
eyas annotate --list all.eyas
eyas info --json all.eyas | grep -o '"derived": .*}\]}\]'
echo "== the same as its parts in order"
for f in a1 b2 a3; do eyas events -F evt.time,proc.name,user.name,evt.type,fd.name $f.eyas; done >parts
eyas events -F evt.time,proc.name,user.name,evt.type,fd.name all.eyas | cmp - parts && echo same
echo "== without a snapshot nothing is known, and nothing stays of another host"
printf 'eyas-script 1\n2026-11-22T10:00:09Z tid=10 close res=0 fd=3\n' >none.eyt
eyas merge -o with.eyas a1.eyas none.eyt
eyas events -F evt.num,evt.hostname,proc.name,user.name with.eyas
echo "== the same host twice at the same time; damage; usage"
eyas merge -o twice.eyas a1.eyas a1.eyas
echo "exit $?"
head -c 700 a3.eyas >cut.eyas
eyas merge -o cutm.eyas b2.eyas cut.eyas
echo "exit $?"
eyas merge a1.eyas b2.eyas
eyas merge -o x.eyas a1.eyas
eyas merge -o all.eyas a1.eyas b2.eyas
echo "exit $?"
ls *.eyas
