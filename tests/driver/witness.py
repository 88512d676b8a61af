"""strace as witness: every call that strace saw is in eyas-capture's trace, in the order of its thread, with the same
result, and with the same arguments as far as strace shows them.

usage: witness.py EYAS EYAS_CAPTURE PROGRAMS_DIRECTORY WORK_DIRECTORY PROGRAM...

Each program runs under strace, and all of that under eyas-capture, so that numbers of processes, descriptors and addresses
are the same in both; and once more under eyas-capture alone, where the sequence of calls must be the same as before.
Prints TAP.
"""
import collections
import copy
import json
import os
import signal
import subprocess
import sys

import processes
import scap_events
import strace_log as log
import witness_params as wp

# programs that make 32-bit calls, which strace shows by name but without their numbers
HAS_COMPAT = {"calls_i386"}
# calls of the 32-bit table whose event is not that of the 64-bit call with this name
COMPAT = {"_llseek": "SYSCALL_LLSEEK_X", "mmap2": "SYSCALL_MMAP2_X", "stat64": "SYSCALL_STAT64_X",
          "lstat64": "SYSCALL_LSTAT64_X", "fstat64": "SYSCALL_FSTAT_X", "_newselect": "SYSCALL_SELECT_X",
          "umount": "SYSCALL_UMOUNT_1_X", "getuid32": "SYSCALL_GETUID_X"}
# what the library's threads do when they begin, wait and end depends on who is first
RACES = {"calls_threads": {"futex", "mmap", "munmap", "mprotect", "brk"}}
# x86_64 calls that were removed or never made: the list of calls knows them by name only
NR_OF = {"uselib": 134, "_sysctl": 156, "create_module": 174, "get_kernel_syms": 177, "query_module": 178,
         "nfsservctl": 180, "getpmsg": 181, "putpmsg": 182, "afs_syscall": 183, "tuxcall": 184, "security": 185,
         "vserver": 236}
CLONES = {"SYSCALL_CLONE_20_X", "SYSCALL_CLONE3_X", "SYSCALL_FORK_20_X", "SYSCALL_VFORK_20_X"}
# under strace the tracer is strace: the sequence is another one when it is not there
TRACER_MATTERS = {"calls_ptrace"}
# what must succeed then, and how its data begins: the variant of the parameter, its value
TRACER_CALLS = [("PTRACE_TRACEME", b""), ("PTRACE_PEEKDATA", b"\0"), ("PTRACE_PEEKUSR", b"\0"),
                ("PTRACE_POKEDATA", b"\0\x4d\0"), ("PTRACE_SETOPTIONS", b"\0\1\0"), ("PTRACE_CONT", b"\1\0")]
# events of the x86_64 table that no program of any kind can raise, and why
NOT_CALLS = "not an event of the driver: written by other recorders, or by eyas itself about a trace"
UNREACHABLE = {
    "SYSCALL_NEWSELECT_X": "the 32-bit _newselect is recorded as select, with the same (no) parameters",
    "SOCKET_SEND_X": "x86_64 has no system call send: sendto",
    "SOCKET_RECV_X": "x86_64 has no system call recv: recvfrom",
    "SYSCALL_FSTAT64_X": "the 32-bit fstat64 is recorded as fstat, which has the descriptor too",
}


class Table:
    """The event table, as `eyas list` tells it."""

    def __init__(self, eyas):
        def rows(*what):
            text = subprocess.run([eyas, "list", "--json", *what], stdout=subprocess.PIPE, check=True, text=True).stdout
            return [json.loads(line) for line in text.splitlines()]

        self.events = {r["number"]: r for r in rows("-a", "events")}
        self.by_code = {r["code"]: r for r in self.events.values()}
        self.newest = {r["code"] for r in rows("events")}
        self.flags = {r["name"]: {v["name"]: v["value"] for v in r["values"]} for r in rows("flags")}
        self.calls = {r["name"]: r for r in rows("syscalls")}
        self.by_sc = {r["sc"]: r for r in self.calls.values()}


def flags_of(param):
    return param.get("flags") or param.get("table") or param.get("values")


class Recorded:
    """One event of the trace."""

    def __init__(self, table, event):
        row = table.events[event.type]
        self.code, self.name, self.tid, self.time = row["code"], row["name"], event.tid, event.time
        self.params = []
        for p, raw in zip(row["params"], event.raw):
            t = flags_of(p)
            values = t if isinstance(t, dict) else table.flags.get(t, {}) if t else {}
            self.params.append(wp.Param(p["name"], p["type"], t, raw, values))

    def value(self, name):
        for p in self.params:
            if p.name == name:
                return p.number()
        return None

    def result(self):
        """What the call returned, as a signed number; None when the event does not say."""
        if self.code == "GENERIC_X" or not self.params:
            return None
        raw = self.params[0].raw
        return int.from_bytes(raw, "little", signed=True) if raw else None

    def __str__(self):
        return "%s(%s)" % (self.name, " ".join("%s=%s" % (p.name, p.raw.hex()) for p in self.params))


class Report:
    def __init__(self):
        self.bad, self.skipped = [], collections.Counter()
        self.compared = self.calls = 0
        self.names = set()

    def error(self, text):
        self.bad.append(text)


def compare_params(call, event, report):
    how = wp.PARAMS.get(event.code)
    if how is None or len(how) != len(event.params):
        report.error("%s: %d parameters, the table of witness_params.py has %s" %
                     (event.code, len(event.params), how and len(how)))
        return
    for one, param in zip(how, event.params):
        where = "%s.%s" % (event.code, param.name)
        try:
            want = one(call, param)
        except Exception as e:  # what strace shows is not as expected: the table must learn it
            report.error("%s: %s: %r: %s" % (where, type(e).__name__, str(e), call.line[:300]))
            continue
        if isinstance(want, wp.Any):
            report.skipped[where + ": " + want.reason] += 1
            continue
        report.compared += 1
        if isinstance(want, int):
            if param.raw:
                bits = 8 * len(param.raw)
                same = param.number() == want & ((1 << bits) - 1)
            else:
                same = False
        else:
            same = (want or b"") == param.raw
        if not same:
            shown = "%d bytes %s" % (len(want), want.hex()) if isinstance(want, bytes) else want
            if isinstance(want, int):
                shown = "%d (0x%x)" % (want, want & (2**64 - 1))
            report.error("%s is %d bytes %s, not %s: %s" % (where, len(param.raw), param.raw.hex() or "empty", shown, call.line[:400]))


def expected(table, call):
    """The code of the event that a call must become; None for a name that nobody knows."""
    row = table.calls.get(call.name)
    if call.compat and call.name in COMPAT:
        return COMPAT[call.name]
    if row:
        return row["exit"]
    return "GENERIC_X" if call.compat or call.name in NR_OF or call.name.startswith("syscall_0x") else None


def compare_call(table, call, event, report):
    report.calls += 1
    report.names.add(call.name)
    row, want = table.calls.get(call.name), expected(table, call)
    if not want:
        report.error("strace's %s is not in the list of system calls" % call.name)
        return
    if event.code != want:
        report.error("%s instead of %s: %s" % (event, want, call.line[:300]))
        return
    if event.code == "GENERIC_X":
        nr = int(call.name[8:], 16) if call.name.startswith("syscall_0x") else \
            NR_OF.get(call.name) or row and row["x86_64"]
        if row and call.name not in NR_OF and event.value("ID") != row["sc"]:
            report.error("%s: another call: %s" % (event, call.line[:300]))
        if not call.compat and event.value("nativeID") != nr:
            report.error("%s: another number: %s" % (event, call.line[:300]))
        report.skipped["GENERIC_X: the event has no result and no arguments"] += 1
        return
    if call.args is None:
        report.skipped["%s: strace shows the arguments in another thread's log" % event.code] += 1
        if event.result() != call.ret:
            report.error("%s: result is not %s" % (event, call.ret))
        return
    compare_params(call, event, report)


def compare_signal(entry, event, report):
    sig = getattr(signal, entry.name, None)
    if sig is None and entry.name == "SIGRTMIN":
        sig = 32
    if event.code != "SIGNALDELIVER_E":
        report.error("%s instead of a signal: %s" % (event, entry.line[:200]))
    elif event.value("sig") != sig:
        report.error("%s: another signal: %s" % (event, entry.line[:200]))
    elif "si_pid" in entry.fields and event.value("spid") != int(entry.fields["si_pid"]):
        report.error("%s: another sender: %s" % (event, entry.line[:200]))


def compare_end(entry, event, report):
    if event.code != "PROCEXIT_1_E":
        report.error("%s instead of the end: %s" % (event, entry.line))
        return
    ret, sig, core = event.value("ret"), event.value("sig"), event.value("core")
    if entry.signal:
        if sig != getattr(signal, entry.signal) or bool(core) != entry.core:
            report.error("%s: not %s" % (event, entry.line))
    elif entry.code is not None and (ret != entry.code or sig):
        report.error("%s: not %s" % (event, entry.line))


def compare_thread(table, tid, entries, events, report, parent):
    at = 0
    if events and events[0].code in CLONES and events[0].result() == 0:
        at = 1  # the child's own return from clone, which strace does not show
        if parent:
            mine = copy.copy(parent)
            mine.ret, mine.proc = 0, parent.child
            compare_params(mine, events[0], report)
    for entry in entries:
        if isinstance(entry, log.Call) and entry.ret is None and entry.name not in ("exit", "exit_group"):
            # it ended with the thread: the kernel's exit from it comes only if it was woken for that
            if at < len(events) and events[at].code == expected(table, entry):
                at += 1
            continue
        # the kernel tells of a fatal SIGKILL, strace does not
        while at < len(events) and events[at].code == "SIGNALDELIVER_E" and not isinstance(entry, log.Signal) and \
                events[at].value("sig") == signal.SIGKILL:
            at += 1
        if at >= len(events):
            report.error("thread %d: missing from here: %s" % (tid, entry.line[:300]))
            return
        event = events[at]
        at += 1
        before = len(report.bad)
        if isinstance(entry, log.Call):
            compare_call(table, entry, event, report)
        elif isinstance(entry, log.Signal):
            compare_signal(entry, event, report)
        else:
            compare_end(entry, event, report)
        if len(report.bad) > before and " instead of " in report.bad[-1]:
            return  # out of step: the rest says nothing
    for event in events[at:]:
        report.error("thread %d: strace did not see %s" % (tid, event))


def by_thread(events):
    threads = collections.OrderedDict()
    for e in events:
        threads.setdefault(e.tid, []).append(e)
    return threads


# The programs' own: that of whoever runs the tests may be longer than what is kept of one.
ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/", "LC_ALL": "C"}


def record(eyas, capture, command, cwd, name):
    trace, scap = os.path.join(cwd, name + ".eyas"), os.path.join(cwd, name + ".scap")
    run = subprocess.run([capture, "-q", "-s", str(wp.SNAPLEN), "-o", trace, "--", *command], cwd=cwd, env=ENVIRONMENT,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    convert = subprocess.run([eyas, "convert", "--to", "scap", "--level", "0", trace, scap],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if convert.returncode:
        raise RuntimeError("convert: " + convert.stderr.decode())
    return run, scap_events.read(scap)


def witness(table, eyas, capture, program, work):
    """The report on one program, and the codes of the events seen."""
    name, report = os.path.basename(program), Report()
    cwd = os.path.join(work, name)
    os.mkdir(cwd)
    command = ["strace", "-ff", "-xx", "-v", "-s", "100000", "-o", os.path.join(work, name + ".strace"), program]
    run, raw = record(eyas, capture, command, cwd, "../" + name)
    if run.returncode:
        report.error("%s under strace: status %d: %s" % (name, run.returncode, run.stderr.decode()[-300:]))
    threads = log.read_all(os.path.join(work, name + ".strace"), name in HAS_COMPAT)
    recorded = by_thread(Recorded(table, e) for e in raw)
    first = next((tid for tid in recorded if tid in threads), None)
    if first is None:
        report.error("%s: strace saw no thread that is in the trace" % name)
        return report, set(), []
    processes.follow(first, threads, program, cwd, wp.address)
    parents = {e.ret: e for entries in threads.values() for e in entries if hasattr(e, "child")}
    for tid, entries in threads.items():
        events = recorded.get(tid, [])
        if tid == first:
            # what strace's child did before it became the program
            start = next((i for i, e in enumerate(events) if e.code == "SYSCALL_EXECVE_19_X" and e.result() == 0), 0)
            events = events[start:]
        compare_thread(table, tid, entries, events, report, parents.get(tid))
    codes = {e.code for tid, events in recorded.items() if tid in threads for e in events}
    return report, codes, [recorded[t] for t in recorded if t in threads]


def sequence(events, races):
    """What must be the same of a thread in every run: calls and whether they succeeded, without signals that only a tracer's
    child gets."""
    rows = []
    for e in events:
        if e.code == "SIGNALDELIVER_E" or e.name in races:
            continue
        r = e.result() if e.code not in ("PROCEXIT_1_E", "SYSCALL_BRK_4_X") else None
        rows.append((e.name, e.value("nativeID") if e.code == "GENERIC_X" else None, r if r is not None and -4096 < r < 0 else 0))
    return rows


def alone(table, eyas, capture, program, work, traced, report):
    """The same program without strace: the same sequences."""
    name = os.path.basename(program)
    cwd = os.path.join(work, name + ".alone")
    os.mkdir(cwd)
    run, raw = record(eyas, capture, [program], cwd, "../" + name + ".alone")
    if run.returncode:
        report.error("%s alone: status %d: %s" % (name, run.returncode, run.stderr.decode()[-300:]))
    threads = list(by_thread(Recorded(table, e) for e in raw).values())
    codes = {e.code for t in threads for e in t}
    if name in TRACER_MATTERS:
        numbers = table.flags["ptrace_requests"]
        done = [(e.value("request"), e.params[2].raw) for t in threads for e in t
                if e.code == "SYSCALL_PTRACE_X" and e.result() == 0]
        for request, data in TRACER_CALLS:
            if not any(r == numbers[request] and d.startswith(data) for r, d in done):
                report.error("%s alone: no %s that succeeded" % (name, request))
        return codes

    def trim(t):
        start = next((i for i, e in enumerate(t) if e.code == "SYSCALL_EXECVE_19_X" and e.result() == 0), 0)
        return t[start:]

    a = [sequence(trim(t) if i == 0 else t, RACES.get(name, ())) for i, t in enumerate(traced)]
    b = [sequence(trim(t) if i == 0 else t, RACES.get(name, ())) for i, t in enumerate(threads)]
    if len(a) != len(b):
        report.error("%s: %d threads under strace, %d alone" % (name, len(a), len(b)))
    # threads that run at the same time begin in any order
    for x in b:
        if x in a:
            a.remove(x)
        else:
            near = max(a, key=lambda y: sum(p == q for p, q in zip(x, y)), default=[])
            at = next((i for i, (p, q) in enumerate(zip(x, near)) if p != q), min(len(x), len(near)))
            report.error("%s alone: thread differs at %d: %s, under strace %s" %
                         (name, at, x[at : at + 3], near[at : at + 3]))
    return codes


def reachable(table):
    """The event types that a program on x86_64 can raise: {code: None, or why not}."""
    rows = {}
    for code in sorted(table.newest):
        row = table.by_code[code]
        is_call = any(c["exit"] == code and c["x86_64"] is not None for c in table.calls.values())
        if code in wp.PARAMS and (is_call or code not in UNREACHABLE):
            rows[code] = None
        elif code in ("SIGNALDELIVER_E", "PROCEXIT_1_E"):
            rows[code] = None
        elif code.endswith("_E") and code[:-2] + "_X" in table.newest:
            rows[code] = "calls are recorded complete at their exit"
        else:
            rows[code] = UNREACHABLE.get(code) or (
                "x86_64 has no such system call" if "category" in row and code.startswith(("SYSCALL", "SOCKET"))
                else NOT_CALLS)
    return rows


def main():
    eyas, capture, programs, work = sys.argv[1:5]
    table, n, failed = Table(eyas), 0, 0
    wp.TABLES = table.flags
    seen, names, skipped = set(), set(), collections.Counter()

    def say(good, text):
        nonlocal n, failed
        n += 1
        failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", n, text), flush=True)

    for name in sys.argv[5:]:
        program = os.path.abspath(os.path.join(programs, name))
        # Two runs are compared, and some differ by the moment: what is not in memory when the driver looks
        # (eyas-compat(7)), what the kernel has already done for the one and not for the other. What is wrong is so
        # each time.
        for attempt in range(4):
            room = os.path.join(work, "%s-%d" % (name.replace("/", "-"), attempt))
            os.mkdir(room)
            report, codes, traced = witness(table, eyas, capture, program, room)
            codes |= alone(table, eyas, capture, program, room, traced, report)
            if not report.bad:
                break
        seen |= codes
        names |= report.names
        skipped += report.skipped
        limit = int(os.environ.get("WITNESS_SHOW", "20"))
        for text in report.bad[:limit]:
            print("# " + text)
        if len(report.bad) > limit:
            print("# and %d more" % (len(report.bad) - limit))
        say(not report.bad, "%s: %d calls, %d parameters as strace saw them" % (name, report.calls, report.compared))
    for text, count in sorted(skipped.items()):
        print("# not compared: %s (%d times)" % (text, count))
    say(len(names) >= 250, "%d different system calls" % len(names))
    types = reachable(table)
    for code, why in types.items():
        if why and code not in seen:
            print("# not raised: %s: %s" % (code, why))
    missing = sorted(c for c, why in types.items() if not why and c not in seen)
    for code in missing:
        print("# missing: %s" % code)
    say(not missing, "%d event types raised, %d missing that can be" % (len(seen), len(missing)))
    print("1..%d" % n)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
