#!/bin/sh
# workload.sh DIR SOURCES: what a machine on which people work does, again and again: compiles, finds, reads, runs git
# and shells, and serves pages over the loopback interface. DIR is written to; SOURCES is a tree of C sources. It ends
# when it is ended, or after ROUNDS rounds. For bench.py, which records it.
set -u
dir=$1 sources=$2
export HOME="$dir" LC_ALL=C GIT_CONFIG_NOSYSTEM=1
ip link set lo up 2>/dev/null
cd "$dir" || exit 1

git init -q repo
cp -r "$sources"/src/base "$sources"/src/event repo/
git -C repo add . && git -C repo -c user.name=a -c user.email=a@example.org commit -qm one

cat >serve.py <<'P'
import http.server, sys, threading, urllib.request, os
os.chdir(sys.argv[1])
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *unused): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for i in range(int(sys.argv[2])):
    urllib.request.urlopen("http://127.0.0.1:%d/stdio.h" % server.server_port).read()
server.shutdown()
P

round=0
while [ "$round" != "${ROUNDS:-none}" ]; do
	round=$((round + 1))
	for f in "$sources"/src/event/*.c; do
		cc -O0 -std=gnu11 -D_GNU_SOURCE -I"$sources/src" -c "$f" -o x.o
	done
	find /usr/include /usr/share/perl* /usr/lib/python3* /etc -xdev -name "*.h" | wc -l
	find /usr/include -type f -name '*.h' | head -n 1000 | xargs -n 50 cat | wc -c
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		/bin/true
		sh -c 'echo a | grep a >/dev/null; test -d /tmp'
		(cd /etc && ls -l | sort -n | tail -n 3)
	done
	echo "/* $round */" >>repo/base/str.c
	git -C repo status
	git -C repo -c user.name=a -c user.email=a@example.org commit -qam "$round"
	git -C repo log --stat
	python3 serve.py /usr/include 1000
done >/dev/null 2>&1
