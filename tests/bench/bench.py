"""make bench: what a replay costs, as ratios against something that runs beside it.

	bench.py --eyas FILE --repeat FILE [--capture FILE] [--data DIR] [--events N] [--pairs N] [--scale N] [--previous REV]
	         [--keep DIR] [--results FILE]

The trace: workload.sh recorded here, as root where the driver runs, and the attack scenarios; else the traces of the tree, repeated.
With --scale, N events (0: leave it out) stream from `repeat` into a replay, and a tenth of them. --previous builds the eyas of a
commit and compares. Exit status 1 when a goal that was measured is missed.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import bench_traces as traces
from measure import Pairs, Run, commit, machine, run, write_section

ROWS = []
NOTES = []


def row(what, figure, goal=None, value=None):
    """One line of the table; a goal is the largest good value."""
    good = "" if goal is None else ("yes" if value <= goal else "NO")
    ROWS.append((what, figure, "" if goal is None else f"≤ {goal:g}", good))
    print(f"{what}: {figure}" + (f" (goal {ROWS[-1][2]}: {good})" if goal is not None else ""), flush=True)


def rules_of(data):
    rules = os.path.join(data, "rules")
    if not os.path.isdir(rules):
        return None
    with open(os.path.join(rules, "order.txt")) as f:
        return [w for name in f.read().split() for w in ("-r", os.path.join(rules, name))]


class Bench:
    def __init__(self, args, tmp):
        self.args, self.tmp = args, tmp
        self.load = os.getloadavg()[0]
        self.all_cpus = sorted(os.sched_getaffinity(0))
        self.one = {self.all_cpus[-1]}
        self.ours = ["-r", os.path.join(traces.SOURCE, "rules", "eyas_rules.yaml")]
        self.upstream = rules_of(args.data)
        self.rules = self.upstream or self.ours
        self.named = "upstream rules" if self.upstream else "our rules"

    def path(self, name):
        return os.path.join(self.tmp, name)

    def replay(self, rules, trace, eyas=None, jobs=None):
        return [eyas or self.args.eyas, "replay", "--quiet", "--rule-matching", "all",
                *(["-j", str(jobs)] if jobs else []), *rules, trace]

    def on_one(self, argv, **kw):
        return lambda: run(argv, self.one, **kw)

    def jobs(self):
        """Whether replay takes -j."""
        out = subprocess.run([self.args.eyas, "replay", "--help"], stdout=subprocess.PIPE, text=True).stdout
        return "--jobs" in out

    # --- the trace ---------------------------------------------------------------------------------

    def make_trace(self):
        a = self.args
        self.trace, self.scap, self.packed = (self.path(x) for x in ("bench.eyas", "bench.scap", "packed.eyas"))
        note = self.path("note")
        if os.path.exists(note):
            with open(note) as f:
                NOTES.append(f.read())
            self.n = int(NOTES[-1].split()[0].replace(",", ""))
            self.packed = traces.pack(a.eyas, self.trace, self.packed)
            return
        trace, said = traces.record(a.capture, self.tmp, a.events)
        if trace:
            incidents = traces.record_incidents(a.capture, a.eyas, self.tmp)
            self.n = traces.repeat(a.repeat, self.trace, [trace, *incidents])
            NOTES.append(f"{self.n:,} events: tests/bench/workload.sh, recorded ({said.split(',')[-1].split(';')[-1].strip()}), and "
                         f"{len(incidents)} attack scenarios")
        else:
            self.n = traces.repeat(a.repeat, self.trace, traces.tree_traces(), a.events)
            NOTES.append(f"{self.n:,} events: the small traces of the tree, repeated ({said}); they repeat much more than "
                         "what a machine really does, so sizes and the time of zstd say little")
        print(NOTES[-1], flush=True)
        traces.gzip_scap(a.eyas, self.trace, self.scap)
        self.packed = traces.pack(a.eyas, self.trace, self.packed)
        with open(note, "w") as f:
            f.write(NOTES[-1])

    def bytes_an_event(self, path):
        return os.path.getsize(path) / self.n

    # --- what is measured --------------------------------------------------------------------------

    def whole_trace(self):
        eyas, n = self.args.eyas, self.args.pairs
        one = ["-j", "1"] if self.jobs() else []
        commands = {
            "zstd": self.on_one(["zstd", "-dcq", self.packed]),
            "packed": self.on_one(self.replay(self.rules, self.packed) + one),
            "as recorded": self.on_one(self.replay(self.rules, self.trace) + one),
            "our rules": self.on_one(self.replay(self.ours, self.packed) + one),
            "scap": self.on_one(self.replay(self.rules, self.scap) + one),
            "zcat": self.on_one(["zcat", self.scap]),
        }
        p = Pairs(n, commands)
        r = p.ratio("packed", "zstd")
        row(f"replay, packed, {self.named}, 1 CPU, CPU time ÷ zstd -d", f"{r:.2f} ({p.get('packed'):.3f} s ÷ {p.get('zstd'):.3f} s)",
            2.0, r)
        row(f"the same as recorded, CPU time ÷ zstd -d of the packed one", f"{p.ratio('as recorded', 'zstd'):.2f} "
            f"({p.get('as recorded'):.3f} s)")
        row("the same with our rules", f"{p.ratio('our rules', 'zstd'):.2f} ({p.get('our rules'):.3f} s)")
        row(f"replay of the .scap form, CPU time ÷ zcat", f"{p.ratio('scap', 'zcat'):.2f} ({p.get('scap'):.3f} s ÷ "
            f"{p.get('zcat'):.3f} s)")
        whole = p.get("packed") / self.n * 2.88e6
        row("replay, packed: CPU time of 2.88 million events", f"{whole:.2f} s", 0.6, whole)
        row("peak memory of the replay", f"{p.get('packed', 'memory') / 1e6:.1f} MB")
        r = os.path.getsize(self.packed) / os.path.getsize(self.scap)
        row("packed size ÷ gzip'd .scap", f"{r:.3f} ({self.bytes_an_event(self.packed):.2f} ÷ {self.bytes_an_event(self.scap):.2f} bytes "
            f"an event; as recorded {self.bytes_an_event(self.trace):.2f})", 0.40, r)
        if self.args.previous:
            old = traces.build_previous(self.args.previous, os.path.abspath(f"bench-{self.args.previous}"), self.path("build.log"))
            q = Pairs(n, {"now": self.on_one(self.replay(self.rules, self.scap) + one),
                          "then": self.on_one(self.replay(self.rules, self.scap, eyas=old))})
            row(f"replay of the .scap form, CPU time ÷ that of {self.args.previous}", f"{q.ratio('now', 'then'):.2f}")
            q = Pairs(n, {"now": self.on_one([eyas, "events", "--json", self.scap]),
                          "then": self.on_one([old, "events", "--json", self.scap])})
            row(f"events --json, CPU time ÷ that of {self.args.previous}", f"{q.ratio('now', 'then'):.2f}")

    def parallel(self):
        if not self.jobs() or len(self.all_cpus) < 2:
            row("2 CPUs ÷ 1 CPU, wall", "not measured: " + ("one CPU" if self.jobs() else "replay has no -j"))
            return
        two = set(self.all_cpus[:2])
        p = Pairs(self.args.pairs, {
            "two": lambda: run(self.replay(self.rules, self.packed, jobs=2), two),
            "one": lambda: run(self.replay(self.rules, self.packed, jobs=1), self.one)})
        r = p.ratio("two", "one", "wall")
        row("2 CPUs ÷ 1 CPU, wall", f"{r:.2f} ({p.get('two', 'wall'):.2f} s ÷ {p.get('one', 'wall'):.2f} s; "
            f"CPU time {p.get('two'):.2f} s and {p.get('one'):.2f} s)", 0.55, r)

    def public_captures(self):
        source = os.path.join(self.args.data, "captures", "node-a.scap")
        what = "public captures, concatenated: CPU time ÷ sysdig -r with proc.name=nosuch"
        if not os.path.exists(source) or not shutil.which("sysdig"):
            row(what, "not measured: " + ("no sysdig" if os.path.exists(source) else "no captures"))
            return
        path = self.path("public.scap")
        out = subprocess.run([self.args.eyas, "info", "--json", source], stdout=subprocess.PIPE, text=True).stdout
        events = int(out.split('"events": ')[1].split(",")[0])
        times = max(1, min(self.args.events, 2000000) // events)
        with open(source, "rb") as f, open(path, "wb") as out:
            data = f.read()
            for _ in range(times):
                out.write(data)
        p = Pairs(max(1, self.args.pairs // 2), {
            "eyas": self.on_one(self.replay(self.rules, path) + (["-j", "1"] if self.jobs() else [])),
            "sysdig": self.on_one(["sysdig", "-r", path, "proc.name=nosuch"])})
        r = p.ratio("eyas", "sysdig")
        row(what, f"{r:.3f} ({p.get('eyas'):.2f} s ÷ {p.get('sysdig'):.2f} s, {events * times:,} events)", 0.5, r)
        os.unlink(path)

    def small_traces(self):
        small, n = traces.tree_traces(), 1000
        folder = self.path("small")
        os.mkdir(folder)
        files = []
        for i in range(n):
            source = small[i % len(small)]
            files.append(f"{i}{os.path.splitext(source)[1]}")
            shutil.copy(source, os.path.join(folder, files[-1]))
        first = next(line.split("rule: ")[1] for line in open(self.ours[1]) if line.startswith("- rule: "))
        with open(os.path.join(folder, "tests.yaml"), "w") as f:
            f.write(f"rules: {self.ours[1]}\ntests:\n")
            for name in files:
                f.write(f"- name: t{name}\n  rule: {first}  traces: {name}\n  expectedOutcome: {{min: 0}}\n")
        two = set(self.all_cpus[:2])
        runs = Pairs(self.args.pairs, {"test": lambda: run([self.args.eyas, "test", "-j", "2", folder], two)})
        ms = runs.get("test", "wall") / n * 1000
        row("1,000 small traces in eyas test, 2 CPUs, wall time each", f"{ms:.2f} ms", 2.0, ms)

    def start_up(self):
        empty = self.path("empty.eyas")
        script = self.path("empty.eyt")
        with open(script, "w") as f:
            f.write("eyas-script 1\n")
        subprocess.run([self.args.eyas, "assemble", "-o", empty, script], stderr=subprocess.DEVNULL)
        if not os.path.exists(empty):
            sys.exit("bench: an empty trace cannot be made")
        p = Pairs(self.args.pairs * 4, {"start": self.on_one(self.replay(self.rules, empty))})
        ms = p.get("start") * 1000
        row(f"start-up: {self.named} compiled, an empty trace, CPU time", f"{ms:.1f} ms", 15, ms)

    def listing(self):
        eyas = self.args.eyas
        for options in ([], ["--json"], ["-p", "%evt.num %proc.name %evt.type %fd.name"]):
            argv = [eyas, "events", *options, self.packed]
            p = subprocess.Popen(argv, stdout=subprocess.PIPE)
            size = 0
            while chunk := p.stdout.read(1 << 20):
                size += len(chunk)
            p.wait()
            cpu = Pairs(max(1, self.args.pairs // 2), {"list": self.on_one(argv)}).get("list")
            row(" ".join(["eyas events", *options[:1]]), f"{cpu:.2f} s CPU, {size / 1e6 / cpu:.0f} MB/s")
        p = Pairs(self.args.pairs, {"info": self.on_one([eyas, "info", self.packed])})
        row("eyas info, packed, wall", f"{p.get('info', 'wall') * 1000:.1f} ms")

    def scale(self):
        """Long traces, straight from the tool that makes them."""
        small = traces.tree_traces()
        results = []
        for n in (self.args.scale // 10, self.args.scale):
            feed = [self.args.repeat, "-o", "-", "-n", str(n), *small]
            r = run(self.replay(self.ours, "-"), self.one, stdin=feed)
            results.append(Run(r.cpu / n, 0, r.memory))
        cpu, memory = (getattr(results[1], w) / getattr(results[0], w) for w in ("cpu", "memory"))
        names = f"{self.args.scale / 1e6:g} M ÷ {self.args.scale / 1e7:g} M events"
        row(f"{names}: CPU time an event", f"{cpu:.3f} ({results[1].cpu * 1e9:.0f} ns)", 1.1, cpu)
        row(f"{names}: peak memory", f"{memory:.3f} ({results[1].memory / 1e6:.1f} MB)", 1.1, memory)

    def write_results(self, path):
        flags = f" with `BENCH_FLAGS=\"{' '.join(sys.argv_shown)}\"`" if sys.argv_shown else ""
        write_section(path, "What a replay costs",
                      f"Written by `make bench`{flags} at {commit(traces.SOURCE)}; do not edit.\n\n"
                      f"{machine()}\n"
                      + "".join(f"Trace: {n}.\n" for n in NOTES) +
                      f"Medians of {self.args.pairs} interleaved pairs; CPU time is user and system time. Load average when it began "
                      f"and when it was over: {self.load:.1f}, {os.getloadavg()[0]:.1f}; wall times mean little above 1.\n\n"
                      "| what | figure | goal | met |\n|---|---|---|---|\n"
                      + "".join(f"| {' | '.join(r)} |\n" for r in ROWS) +
                      "\nThe commands, each on one CPU:\n\n"
                      "    eyas replay --quiet --rule-matching all -j 1 -r RULES... TRACE\n"
                      "    zstd -dcq PACKED; zcat SCAP; sysdig -r SCAP proc.name=nosuch\n"
                      "    repeat -o - -n 100000000 traces/good/... | eyas replay --quiet --rule-matching all -r "
                      "rules/eyas_rules.yaml -\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--eyas", required=True)
    ap.add_argument("--repeat", required=True)
    ap.add_argument("--capture", default="./eyas-capture")
    ap.add_argument("--data", default=os.environ.get("EYAS_CONFORMANCE", os.path.join(traces.SOURCE, "../shared/conformance")))
    ap.add_argument("--events", type=int, default=10000000)
    ap.add_argument("--pairs", type=int, default=5)
    ap.add_argument("--scale", type=int, default=100000000)
    ap.add_argument("--previous")
    ap.add_argument("--keep", help="work in this directory and leave it; a trace that is there from before is used")
    ap.add_argument("--results")
    args = ap.parse_args()
    shown = ("--events", "--pairs", "--scale", "--previous")
    sys.argv_shown = [w for a, b in zip(sys.argv, sys.argv[1:] + [""]) if a in shown for w in (a, b)]
    for tool in ("eyas", "repeat", "capture"):
        setattr(args, tool, os.path.abspath(getattr(args, tool)))
    tmp = args.keep or tempfile.mkdtemp(prefix="eyas-bench.")
    os.makedirs(tmp, exist_ok=True)
    try:
        b = Bench(args, tmp)
        b.make_trace()
        b.whole_trace()
        b.parallel()
        b.public_captures()
        b.small_traces()
        b.start_up()
        b.listing()
        if args.scale:
            b.scale()
        if args.results:
            b.write_results(args.results)
    finally:
        if not args.keep:
            shutil.rmtree(tmp, ignore_errors=True)
    return 1 if any(r[3] == "NO" for r in ROWS) else 0


if __name__ == "__main__":
    sys.exit(main())
