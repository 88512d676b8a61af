"""What recording costs, beside what else does something at each call: make bench-driver, as root; minutes.

driver_bench.py CAPTURE STORM ATTACH EMPTY [--runs N] [--quick] [--storms] [--workloads] [--results FILE]

CPU time (user and system) of the traced program, since elapsed time would measure the other load of the machine too; what a recorder
uses itself, on another CPU, is not in it but in a part of its own. All recorders take turns in every round, so that what else the
machine does weighs on all alike; medians, with the quartiles beside them. The traced program is bound to the first CPU, who records
to the last. A run during which somebody else records is done again.

--storms and --workloads measure some parts only; the others stay in the file of results as they were, and each says what it was
measured with."""
import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from measure import commit, machine, read_parts, write_section

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAST = {os.cpu_count() - 1}
PATIENCE = 200  # seconds to wait while somebody else records, and runs that were spoiled by it
REPEATS = 3  # runs of a workload in a round: one alone is as long as the machine's moods
DEBIAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


class Unusable(Exception):
    """This recorder does not work here; why."""


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def spread(values, form="{:.0f}"):
    low, middle, high = (form.format(x) for x in quartiles(values))
    return f"{middle} ({low} to {high})"


def others_record():
    """An eyas-capture runs that is none of ours: ours has ended when this is asked."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as f:
                if f.read() == "eyas-capture\n":
                    return True
        except OSError:
            pass  # it has ended
    return False


def prepare():
    """In a recorder's process: where it runs, and that an interrupt ends it also when ours are ignored."""
    os.sched_setaffinity(0, LAST)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Recorder:
    """Something that runs beside the workload."""
    name, argv, output, waits, tool = "untraced", None, None, 0.0, "sh"

    def __enter__(self):
        self.p, self.said = None, ""
        if self.output and os.path.exists(self.output):
            os.unlink(self.output)
        if self.argv:
            self.p = subprocess.Popen(self.argv, stdout=open("said.txt", "w"), stderr=open("said-too.txt", "w"),
                                      preexec_fn=prepare)
            self.wait_until_it_records()
            if self.p.poll() is not None:
                raise Unusable("does not run here: " + open("said-too.txt").read().strip().replace("\n", " ")[:160])
        return self

    def wait_until_it_records(self):
        time.sleep(self.waits)

    def __exit__(self, *unused):
        if self.p:
            pid, tries = 0, 0
            while not pid:
                # again after some seconds: bpftrace misses one that comes while it is busy
                if tries % 300 == 0:
                    self.p.send_signal(2)
                tries += 1
                pid, status, self.usage = os.wait4(self.p.pid, os.WNOHANG)
                if not pid:
                    time.sleep(0.01)
            self.p.returncode = os.waitstatus_to_exitcode(status)
            self.said = open("said-too.txt").read()

    def wrap(self, argv):
        return argv

    def events(self):
        """How many calls it saw, or None when it does not say."""

    def size(self):
        return os.path.getsize(self.output) if self.output and os.path.exists(self.output) else None


class Empty(Recorder):
    name, waits = "empty raw_tp programs", 0.7


class Eyas(Recorder):
    name, output = "eyas-capture", "e.eyas"

    def wait_until_it_records(self):
        # seccomp is the last of its preparations
        for _ in range(500):
            if self.p.poll() is not None or "Seccomp:\t2" in open(f"/proc/{self.p.pid}/status").read():
                break
            time.sleep(0.02)
        time.sleep(0.3)

    def summary(self):
        m = re.search(r"(\d+) events, (\d+) bytes.*?(nothing lost|(\d+) lost)", self.said)
        return (int(m.group(1)), int(m.group(4) or 0)) if m else (0, 0)

    def events(self):
        return self.summary()[0]

    def lost(self):
        return self.summary()[1]


class Bpftrace(Recorder):
    # it says that it is ready when its buffer is full, which is at the end
    name, waits, tool = "bpftrace, counting calls", 5.0, "bpftrace"
    argv = ["bpftrace", "-e", "tracepoint:raw_syscalls:sys_exit { @[args->id] = count(); }"]

    def events(self):
        return sum(int(x) for x in re.findall(r"\]: (\d+)", open("said.txt").read()))


class Perf(Recorder):
    name, output, waits, tool = "perf trace record", "p.data", 2.0, "perf"
    argv = ["perf", "trace", "record", "-a", "-o", "p.data"]

    def events(self):
        r = subprocess.run(["perf", "report", "-i", "p.data", "--stats"], capture_output=True, text=True)
        m = re.search(r"SAMPLE events: +(\d+)", r.stdout)
        return int(m.group(1)) // 2 if m else None  # enter and exit


class Strace(Recorder):
    name, output, tool = "strace -f", "s.txt", "strace"

    def wrap(self, argv):
        return ["strace", "-f", "-o", "s.txt", *argv]

    def events(self):
        with open("s.txt", errors="replace") as f:
            return sum(" = " in line for line in f)


def here(argv, env=None):
    """Runs on the first CPU; CPU seconds of it and its children, and elapsed ones."""
    begin = time.monotonic()
    p = subprocess.Popen(["taskset", "-c", "0", *argv], stdout=open("out.txt", "w"), stderr=subprocess.DEVNULL,
                         env=env)
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        raise Unusable(f"{argv[0]}: exit {p.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin


class Bench:
    def __init__(self, args):
        self.args = args
        Empty.argv = [args.attach, args.empty]
        Eyas.argv = [args.capture, "-o", "e.eyas"]
        self.parts = {}  # heading: lines
        flags = " ".join(w for w in sys.argv[5:] if w in ("--quick", "--storms", "--workloads") or w.isdigit() or w == "--runs")
        self.origin = ("Measured " + (f"with `BENCH_FLAGS=\"{flags}\"` " if flags else "") + f"at {commit(SOURCE)}. {machine()}")

    def begin(self, heading):
        self.parts[heading] = []
        print(f"## {heading}", flush=True)
        self.say()
        self.say(self.origin)
        self.say()

    def say(self, line=""):
        print(line, flush=True)
        next(reversed(self.parts.values())).append(line)

    def undisturbed(self, run):
        """run() until nobody else recorded while it ran."""
        for _ in range(PATIENCE):
            if others_record():
                time.sleep(1)
                continue
            result = run()
            if not others_record():
                return result
        raise Unusable("somebody else records all the time")

    # ---- calls, one by one

    def calls(self):
        """name: calls in a run, a function that gives CPU seconds a call of a run of n calls."""
        few = 10 if self.args.quick else 1

        def storm(call):
            def run(rec, n):
                here(rec.wrap([self.args.storm, call, str(n)]))
                return float(open("out.txt").read()) / 1e9
            return run

        def dd(rec, n):
            return here(rec.wrap(["dd", "bs=1", f"count={n // 2}", "if=/dev/zero", "of=/dev/null"]))[0] / n
        return {"getppid": (2000000 // few, storm("getppid")), "read of 1 byte": (1000000 // few, storm("read")),
                "dd bs=1": (2000000 // few, dd), "open, close": (200000 // few, storm("open"))}

    def storms(self):
        calls = self.calls()
        recorders = [r for r in (Recorder(), Empty(), Eyas(), Bpftrace(), Perf(), Strace()) if shutil.which(r.tool)]
        costs = {(r.name, c): [] for r in recorders for c in calls}
        lost, sizes, useless = 0, {}, {}

        def one(rec, call):
            nonlocal lost
            n, run = calls[call]
            if isinstance(rec, Strace):
                n = min(n, 20000)
            with rec:
                cost = run(rec, n)
            seen = rec.events()
            if seen is not None and seen < n * 0.99 and not isinstance(rec, Eyas):
                raise Unusable(f"does not see the calls here ({seen} of {n})")
            if isinstance(rec, Eyas):
                lost += rec.lost()
            if rec.size() and seen:
                sizes.setdefault((rec.name, call), []).append(rec.size() / seen)
            return cost
        for _ in range(self.args.runs):
            for rec in recorders:
                if rec.name in useless:
                    continue
                try:
                    for call in calls:
                        costs[rec.name, call].append(self.undisturbed(lambda r=rec, c=call: one(r, c)) * 1e9)
                except (Unusable, ValueError, OSError) as e:
                    useless[rec.name] = str(e)[:120]
        self.begin("Calls")
        self.say(f"CPU time of a call, ns: median of {self.args.runs} rounds (and quartiles).")
        self.say()
        self.say("| | " + " | ".join(calls) + " |")
        self.say("|---|" + "---|" * len(calls))
        for rec in recorders:
            if rec.name in useless:
                self.say(f"| {rec.name} | {useless[rec.name]} |" + " |" * (len(calls) - 1))
                continue
            self.say(f"| {rec.name} | " + " | ".join(spread(costs[rec.name, c]) for c in calls) + " |")
        self.say()
        self.say("More than untraced in the same round, ns:")
        self.say()
        self.say("| | " + " | ".join(calls) + " |")
        self.say("|---|" + "---|" * len(calls))
        for rec in recorders[1:]:
            if rec.name not in useless:
                self.say(f"| {rec.name} | " + " | ".join(
                    spread([a - b for a, b in zip(costs[rec.name, c], costs["untraced", c])]) for c in calls) + " |")
        self.say()
        self.say("Bytes on disk for a call:")
        self.say()
        self.say("| | " + " | ".join(calls) + " |")
        self.say("|---|" + "---|" * len(calls))
        for rec in recorders:
            if rec.output and rec.name not in useless:
                self.say(f"| {rec.name} | " + " | ".join(
                    f"{statistics.median(sizes[rec.name, c]):.1f}" if sizes.get((rec.name, c)) else "" for c in calls) + " |")
        self.say()
        self.say(f"eyas-capture lost {lost} events in all of these runs.")
        self.say()

    # ---- the recorder's own

    def own_cost(self):
        """CPU time of eyas-capture for an event, less what it costs when nothing is recorded but what always runs."""
        rows = {"getppid": [], "read": [], "open": []}
        for call, n in (("getppid", 5000000), ("read", 3000000), ("open", 1000000)):
            n //= 10 if self.args.quick else 1

            def one(n=n, call=call):
                rec = Eyas()
                with rec:
                    elapsed = here([self.args.storm, call, str(n)])[1] if n else 0.0
                    time.sleep(0.2)
                return rec, elapsed
            for _ in range(self.args.runs):
                idle, _ = self.undisturbed(lambda: one(n=0))
                rec, elapsed = self.undisturbed(one)
                events = rec.events() - idle.events()
                rows[call].append((*((getattr(rec.usage, w) - getattr(idle.usage, w)) / events * 1e9
                                     for w in ("ru_utime", "ru_stime")), events / elapsed / 1e6, rec.lost()))
        self.begin("The recorder's own work")
        self.say("CPU time of eyas-capture for an event, from the ring to the compressed file at the default level, ns (its start and "
                 "end are taken off). It runs on a CPU of its own. An event of open has a path, a device and an inode, that of "
                 "close has not:")
        self.say()
        self.say("| | user | system | million events a second | lost |")
        self.say("|---|---|---|---|---|")
        for call, runs in rows.items():
            user, system, rate, lost = zip(*runs)
            name = {"read": "read of 1 byte", "open": "open, close"}.get(call, call)
            self.say(f"| {name} | {spread(user)} | {spread(system)} | {spread(rate, '{:.2f}')} | {sum(lost)} |")
        self.say()

    # ---- work as people do it

    def workloads(self):
        few = 10 if self.args.quick else 1
        with open("many.sh", "w") as f:
            f.write(f"for i in $(seq {2000 // few}); do /bin/true; done\n")
        with open("w.c", "w") as f:
            f.write("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/socket.h>\nint main(void)\n"
                    "{ puts(\"x\"); return 0; }\n")
        work = {"compile": ["sh", "-c", f"for i in $(seq {20 // few}); do cc -O1 -o w w.c; done"],
                "find, cat": ["sh", "-c", f"find /usr/include /usr/lib/python3* -type f | head -{8000 // few} | "
                              "xargs -n 50 cat >/dev/null"],
                f"{2000 // few} short processes": ["sh", "many.sh"]}
        recorders = [Recorder(), Empty(), Eyas()]
        cpu = {(r.name, w): [] for r in recorders for w in work}
        disk, lost = {w: [] for w in work}, 0

        def one(rec, name):
            with rec:
                return statistics.median(here(rec.wrap(work[name]), DEBIAN)[0] for _ in range(REPEATS))
        for n in range(self.args.runs + 1):
            for name in work:
                for rec in recorders if n % 2 else recorders[::-1]:
                    used = self.undisturbed(lambda r=rec, w=name: one(r, w))
                    if not n:
                        continue  # the first round warms the caches
                    cpu[rec.name, name].append(used)
                    if isinstance(rec, Eyas):
                        lost += rec.lost()
                        disk[name].append(rec.size() / max(rec.events(), 1))
        self.begin("Work")
        self.say("CPU time of a workload, without what eyas-capture uses itself: seconds, and in percent more than untraced in the "
                 f"same round; median of {self.args.runs} rounds (and quartiles), of each the median of {REPEATS} runs. The environment is "
                 "the one root has on Debian: each directory of PATH in front of that of a program is an execve that fails. The goal is at most 10 percent more than the empty programs cost.")
        self.say()
        self.say("| | " + " | ".join(work) + " |")
        self.say("|---|" + "---|" * len(work))

        def more(rec, name, base="untraced"):
            return [100 * (a / b - 1) for a, b in zip(cpu[rec.name, name], cpu[base, name])]
        for rec in recorders:
            self.say(f"| {rec.name} | " + " | ".join(
                spread(cpu[rec.name, w], "{:.2f}") + (f", {spread(more(rec, w), '{:+.1f}')} %" if rec.argv else "")
                for w in work) + " |")
        self.say("| eyas-capture against the empty programs | " + " | ".join(
            f"{spread(more(recorders[2], w, recorders[1].name), '{:+.1f}')} %" for w in work) + " |")
        self.say()
        self.say("Bytes on disk for an event (perf: for a call):")
        self.say()
        self.say("| | " + " | ".join(work) + " |")
        self.say("|---|" + "---|" * len(work))
        self.say("| eyas-capture | " + " | ".join(f"{statistics.median(disk[w]):.1f}" for w in work) + " |")
        if shutil.which("perf"):
            cells = []
            for w in work:
                rec = Perf()
                try:
                    self.undisturbed(lambda r=rec, name=w: one(r, name))
                    cells.append(f"{rec.size() / rec.events():.1f}")
                except (Unusable, TypeError, ZeroDivisionError) as e:
                    cells.append(str(e)[:60])
            self.say(f"| {Perf.name} | " + " | ".join(cells) + " |")
        self.say()
        self.say(f"eyas-capture lost {lost} events in all of these runs.")
        self.say()

    COMMANDS = """Each beside the workload, which runs under `taskset -c 0`:

    attach empty.bpf.o                (raw_tp/sys_enter and raw_tp/sys_exit: return 0)
    eyas-capture -o e.eyas
    bpftrace -e 'tracepoint:raw_syscalls:sys_exit { @[args->id] = count(); }'
    perf trace record -a -o p.data
    strace -f -o s.txt WORKLOAD

    storm getppid 2000000; storm read 1000000; storm open 200000
    dd bs=1 count=1000000 if=/dev/zero of=/dev/null
    for i in $(seq 20); do cc -O1 -o w w.c; done
    find /usr/include /usr/lib/python3* -type f | head -8000 | xargs -n 50 cat >/dev/null
    for i in $(seq 2000); do /bin/true; done
"""


HEADINGS = ("Calls", "The recorder's own work", "Work", "The commands")


def write_results(path, bench):
    """The parts measured now, and the others as they are in the file."""
    parts = {h: "\n".join(lines).strip() for h, lines in bench.parts.items()}
    parts["The commands"] = bench.COMMANDS
    old = read_parts(path, "The recorder")
    write_section(path, "The recorder", "Written by `make bench-driver`; do not edit.\n\n" +
                  "\n\n".join(f"## {h}\n\n{parts[h] if h in parts else old[h]}" for h in HEADINGS if h in parts or h in old))


def main():
    ap = argparse.ArgumentParser()
    for tool in ("capture", "storm", "attach", "empty"):
        ap.add_argument(tool)
    ap.add_argument("--runs", type=int, default=7)
    ap.add_argument("--quick", action="store_true", help="a tenth of everything: does it work?")
    ap.add_argument("--storms", action="store_true", help="calls only")
    ap.add_argument("--workloads", action="store_true", help="workloads only")
    ap.add_argument("--results")
    args = ap.parse_args()
    for tool in ("capture", "storm", "attach", "empty", "results"):
        if getattr(args, tool):
            setattr(args, tool, os.path.abspath(getattr(args, tool)))
    if os.geteuid() != 0:
        sys.exit("bench-driver: needs root")
    work = tempfile.mkdtemp(prefix="eyas-bench.")
    os.chdir(work)
    b = Bench(args)
    try:
        if not args.workloads:
            b.storms()
            b.own_cost()
        if not args.storms:
            b.workloads()
        if args.results:
            write_results(args.results, b)
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
