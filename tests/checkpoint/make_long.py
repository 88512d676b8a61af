"""make_long.py N: a text script (eyas-script(5)) of N short processes, some of which do what rules look for."""
import sys

HEAD = """eyas-script 1
machine hostname=host-1 cpus=2 memory=4294967296
user uid=0 gid=0 name=root home=/root shell=/bin/bash
user uid=33 gid=33 name=www-data home=/var/www shell=/usr/sbin/nologin
thread tid=1 ptid=0 comm=systemd exe=/sbin/init exepath=/usr/lib/systemd/systemd sid=1 pgid=1
thread tid=700 ptid=1 comm=bash exe=-bash exepath=/usr/bin/bash cwd=/root tty=34816 sid=700 pgid=700

2026-11-20T09:14:00Z tid=700 getcwd res=6 path=/root
"""
COMMANDS = [("ls", "/tmp"), ("cat", "/etc/shadow"), ("make", "all"), ("git", "status"), ("find", "/var")]
FILES = ["/etc/passwd", "/etc/shadow", "/tmp/x", "/usr/lib/libc.so.6", "/root/.ssh/id_rsa", "/var/log/messages"]


def main(n):
    out = [HEAD]
    for i in range(n):
        tid = 1000 + i % 20000
        name, arg = COMMANDS[i % len(COMMANDS)]
        out.append(
            f"+100us tid=700 clone res={tid} exe=-bash tid=700 pid=700 ptid=1 comm=bash flags=0 uid=0 gid=0 "
            f"vtid=700 vpid=700\n"
            f"+50us tid={tid} execve res=0 exe={name} args=[{arg}] tid={tid} pid={tid} ptid=700 cwd=/root comm={name} "
            f"env=[PATH=/usr/bin] tty=34816 vpgid={tid} loginuid=0 flags=0 uid=0 trusted_exepath=/usr/bin/{name} "
            f"pgid={tid} gid=0 filename=/usr/bin/{name}\n")
        for k in range(i % 7):
            path = FILES[(i + k) % len(FILES)]
            out.append(
                f"+9us tid={tid} openat fd={3 + k} dirfd=AT_FDCWD name={path} flags=O_RDONLY mode=0 dev=0x801 ino={k}\n")
        if i % 3:
            out.append(f"+5us tid={tid} close res=0 fd=3\n")
        # Every tenth goes on living for a while.
        if i % 10:
            out.append(f"+20us tid={tid} procexit status=0 ret=0 sig=0 core=0 reaper_tid=0\n")
    sys.stdout.write("".join(out))


main(int(sys.argv[1]))
