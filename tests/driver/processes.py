"""What is known of the processes of a run without eyas: from strace's log, /proc and the files themselves.

follow() gives every call a .proc: the state of its process when it was made.
"""
import copy
import os
import resource

import strace_log as log

CLONE_NAMES = {"fork", "vfork", "clone", "clone3"}


class Process:
    def __init__(self, tid, ptid, program, cwd):
        self.tid = self.pid = self.vtid = self.vpid = tid
        self.ptid = ptid
        self.argv, self.comm, self.exe, self.cwd = [], b"", program, cwd
        self.local, self.peer = {}, {}  # addresses of its sockets, by descriptor
        self.backlog = {}  # of those that listen

    def exec(self, call):
        at = 1 if call.name == "execveat" else 0
        path = log.string(call.args[at])
        self.argv = [log.string(e) for e in log.elements(call.args[at + 1])]
        if not path:
            self.comm = None  # named after the file or the descriptor, as the kernel's version is
            return
        self.comm = os.path.basename(path)[:15]
        self.exe = os.path.join(self.cwd, os.fsdecode(path))
        with open(self.exe, "rb") as f:
            first = f.readline(256)
        if first.startswith(b"#!"):
            line = first[2:].strip().split(b" ", 1)
            self.argv = line + [path] + self.argv[1:]
            self.exe = os.fsdecode(line[0])

    def child(self, call):
        c = copy.copy(self)
        c.local, c.peer, c.backlog = dict(self.local), dict(self.peer), dict(self.backlog)
        flags = " ".join(call.args)
        c.tid = c.vtid = call.ret
        if "CLONE_THREAD" not in flags:
            c.pid = c.vpid = call.ret
        if "CLONE_THREAD" not in flags and "CLONE_PARENT|" not in flags:
            c.ptid = self.pid
        if "CLONE_NEWPID" in flags:
            c.vtid = c.vpid = 1
        return c


def walk(proc, entries, threads, done, addresses):
    """Children are followed with the state their parent had; a list instead of recursion."""
    todo = [(proc, entries)]
    while todo:
        proc, entries = todo.pop()
        done.add(proc.tid)
        for e in entries:
            if not isinstance(e, log.Call):
                continue
            if e.args is None or e.ret is None:
                e.proc = None
                continue
            if e.name in ("execve", "execveat") and e.ret == 0:
                proc.exec(e)
            e.proc = copy.copy(proc)
            e.proc.local, e.proc.peer, e.proc.backlog = dict(proc.local), dict(proc.peer), dict(proc.backlog)
            if e.name == "prctl" and e.args[0] == "PR_SET_NAME" and e.ret == 0:
                proc.comm = log.string(e.args[1])[:15]
            elif e.name in CLONE_NAMES and e.ret > 0 and e.ret in threads and e.ret not in done:
                e.child = proc.child(e)
                todo.append((copy.copy(e.child), threads[e.ret]))
            elif e.name == "close":
                proc.local.pop(e.args[0], None)
                proc.peer.pop(e.args[0], None)
            elif e.name == "listen" and e.ret == 0:
                proc.backlog[e.args[0]] = int(e.args[1])
            elif e.name in ("getsockname", "getpeername") and e.ret == 0:
                (proc.local if e.name == "getsockname" else proc.peer)[e.args[0]] = addresses(e.args[1])


def follow(first, threads, program, cwd, addresses):
    walk(Process(first, None, program, cwd), threads[first], threads, set(), addresses)


class Machine:
    """What this test's own process hands down to all it starts."""

    def __init__(self):
        self.fdlimit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.pgid = os.getpgrp()
        self.loginuid = int(self.text("loginuid") or 0xFFFFFFFF)
        status = dict(line.split(":\t", 1) for line in self.text("status").splitlines() if ":\t" in line)
        self.caps = {
            "cap_inheritable": int(status["CapInh"], 16),
            "cap_permitted": int(status["CapPrm"], 16),
            "cap_effective": int(status["CapEff"], 16),
        }
        self.cgroups = {}
        for line in self.text("cgroup").splitlines():
            _, names, path = line.split(":", 2)
            for name in names.split(","):
                self.cgroups[name.replace("name=", "")] = path

    @staticmethod
    def text(name):
        try:
            with open("/proc/self/" + name, encoding="utf-8") as f:
                return f.read()
        except OSError:
            return ""

    def cgroups_fit(self, raw):
        """Whether each cgroup of the list is the one of its hierarchy: its own, or the unified one."""
        for one in os.fsdecode(raw).split("\0")[:-1]:
            name, path = one.split("=", 1)
            if path != self.cgroups.get(name, self.cgroups.get("", "/")):
                return False
        return bool(raw)
