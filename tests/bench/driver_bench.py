"""What recording costs, beside what else does something at each call: make bench-driver, as root, on an idle machine.

CPU time (user and system) of the traced program, the least of several runs: elapsed time would measure the other load of the
machine. The traced program is bound to the first CPU, who records to the second if there is one."""
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

CAPTURE, STORM, ATTACH, EMPTY = (os.path.abspath(x) for x in sys.argv[1:5])
QUICK = "--quick" in sys.argv
RUNS = 2 if QUICK else 5
WORK = tempfile.mkdtemp(prefix="eyas-bench.")
OTHER = {1} if os.cpu_count() > 1 else {0}
os.chdir(WORK)


def here(argv, **kw):
    """Runs on the first CPU: result and CPU seconds, its children's too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    r = subprocess.run(["taskset", "-c", "0", *argv], capture_output=True, text=True, **kw)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def size(name):
    return sum(os.path.getsize(x) for x in os.listdir(".") if x.startswith(name)) if name else 0


class Recorder:
    """Something that runs beside the workload."""
    argv, output, waits = None, None, 1.0

    def __enter__(self):
        self.p = None
        if self.argv:
            self.p = subprocess.Popen(self.argv, stdout=open("said.txt", "w"), stderr=subprocess.PIPE, text=True,
                                      preexec_fn=lambda: os.sched_setaffinity(0, OTHER))
            time.sleep(self.waits)
            if self.p.poll() is not None:
                raise OSError("does not run here: " + self.p.stderr.read().strip().replace("\n", " ")[:160])
        return self

    def __exit__(self, *unused):
        self.said = ""
        if self.p:
            self.p.send_signal(2)
            self.said = self.p.communicate(timeout=120)[1]

    def wrap(self, argv):
        return argv


class Untraced(Recorder):
    name = "untraced"


class Empty(Recorder):
    name, argv = "empty raw_tp programs", [ATTACH, EMPTY]


class Eyas(Recorder):
    name, output = "eyas-capture", "e.eyas"

    def __enter__(self):
        if os.path.exists("e.eyas"):
            os.unlink("e.eyas")
        self.argv = [CAPTURE, "-o", "e.eyas"]
        return super().__enter__()

    def said_lost(self):
        m = re.search(r"(\d+) events, (\d+) bytes.*?(nothing lost|(\d+) lost)", self.said)
        return (int(m.group(1)), int(m.group(2)), int(m.group(4) or 0)) if m else (0, 0, 0)


class Strace(Recorder):
    name, output = "strace -f", "s.txt"

    def wrap(self, argv):
        return ["strace", "-f", "-o", "s.txt", *argv]


class Perf(Recorder):
    name, output, waits = "perf trace record", "p.data", 2.0

    def __enter__(self):
        self.argv = ["perf", "trace", "record", "-a", "-o", "p.data"]
        return super().__enter__()


class Bpftrace(Recorder):
    name, waits = "bpftrace, counting", 6.0
    argv = ["bpftrace", "-e", "tracepoint:raw_syscalls:sys_exit { @[args->id] = count(); }"]

    def counted(self):
        return sum(int(x) for x in re.findall(r"\]: (\d+)", open("said.txt").read()))


RECORDERS = [Untraced(), Empty(), Eyas(), Bpftrace(), Perf(), Strace()]
available = {"strace -f": "strace", "perf trace record": "perf", "bpftrace, counting": "bpftrace"}


def storms():
    print("\nCPU time a call, ns (least of the runs); what was lost; bytes on disk a call\n")
    calls = [("getppid", 300000), ("read", 200000), ("open", 50000)] if QUICK else \
        [("getppid", 2000000), ("read", 1000000), ("open", 200000)]
    print("| | " + " | ".join(c for c, _ in calls) + " | lost | bytes a call |")
    print("|---|" + "---|" * (len(calls) + 2))
    for rec in RECORDERS:
        if not shutil.which(available.get(rec.name, "sh")):
            print(f"| {rec.name} | not installed |")
            continue
        cells, lost, nbytes = [], "", ""
        try:
            for call, n in calls:
                if rec.name == "strace -f":
                    n = min(n, 30000)
                best = 1e12
                for _ in range(1 if rec.name == "strace -f" else RUNS):
                    with rec:
                        r, _ = here(rec.wrap([STORM, call, str(n)]))
                    best = min(best, float(r.stdout))
                if isinstance(rec, Bpftrace) and rec.counted() < n:
                    raise OSError(f"does not see the calls here (it counted {rec.counted()} of {n})")
                cells.append(f"{best:.0f}")
                if isinstance(rec, Eyas):
                    total, size_, l = rec.said_lost()
                    lost = f"{(int(lost) if lost else 0) + l}"
                    nbytes += f" {size_ / max(total, 1):.1f}"
                elif rec.output and os.path.exists(rec.output):
                    nbytes += f" {os.path.getsize(rec.output) / n:.1f}"
        except (OSError, ValueError) as e:
            cells.append(str(e)[:120])
        print(f"| {rec.name} | " + " | ".join(cells) + f" | {lost} |{nbytes} |", flush=True)


def workloads():
    with open("many.sh", "w") as f:
        f.write(f"for i in $(seq {200 if QUICK else 2000}); do /bin/true; done\n")
    with open("w.c", "w") as f:
        f.write("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/socket.h>\nint main(void)\n"
                "{ puts(\"x\"); return 0; }\n")
    list_ = [("compile", ["sh", "-c", f"for i in $(seq {3 if QUICK else 30}); do cc -O1 -o w w.c; done"]),
             ("find, cat", ["sh", "-c", "find /usr/include /usr/lib/python3* -type f | head -8000 | xargs -n 50 cat >/dev/null"]),
             ("short processes", ["sh", "many.sh"])]
    print("\nCPU time of workloads, seconds (least of the runs), and against untraced\n")
    print("| | " + " | ".join(n for n, _ in list_) + " |")
    print("|---|" + "---|" * len(list_))
    base = {}
    for rec in RECORDERS[:3]:
        cells = []
        try:
            for name, argv in list_:
                best = 1e12
                for _ in range(RUNS):
                    with rec:
                        best = min(best, here(rec.wrap(argv))[1])
                base.setdefault(name, best)
                cells.append(f"{best:.2f} ({100 * (best / base[name] - 1):+.1f} %)")
                if isinstance(rec, Eyas):
                    total, size_, l = rec.said_lost()
                    cells[-1] += f" {size_ / max(total, 1):.1f} bytes an event, {l} lost"
        except OSError as e:
            cells.append(str(e)[:120])
        print(f"| {rec.name} | " + " | ".join(cells) + " |", flush=True)


try:
    if "--workloads" not in sys.argv:
        storms()
    if "--storms" not in sys.argv:
        workloads()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
