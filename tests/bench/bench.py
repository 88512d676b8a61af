"""make bench: what a replay costs, in CPU time on one core, beside sysdig and zcat.

	tests/bench/bench.py --eyas FILE [--data DIR] [--events N] [--runs N] [--memory]

The capture is the largest public one of the data directory, concatenated until it has N events (two
million by default); concatenation is legal in the format. Each program runs RUNS times, pinned to one CPU;
the least user + system time counts. With --memory, replays ten times as many events too and
compares the peak resident memory. Exit status 1 when eyas is not the faster, or memory grows.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile


def measure(args, cpu, stdout=subprocess.DEVNULL):
    """CPU seconds and peak memory in KiB of one run."""
    def pin():
        os.sched_setaffinity(0, {cpu})
    p = subprocess.Popen(args, stdout=stdout, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                         preexec_fn=pin)
    err = p.stderr.read()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        sys.exit("bench: %s: exit %d: %s" % (args[0], p.returncode, err.decode()[-500:]))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def best(args, cpu, runs):
    results = [measure(args, cpu) for _ in range(runs)]
    return min(r[0] for r in results), max(r[1] for r in results)


def concatenated(source, times, path):
    with open(source, "rb") as f:
        data = f.read()
    with open(path, "wb") as f:
        for _ in range(times):
            f.write(data)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--eyas", default=os.environ.get("EYAS", "./eyas"))
    ap.add_argument("--data", default=os.environ.get("EYAS_CONFORMANCE"))
    ap.add_argument("--events", type=int, default=2000000)
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--memory", action="store_true")
    args = ap.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    data = args.data or os.path.join(here, "..", "..", "..", "shared", "conformance")
    if not os.path.isdir(data):
        print("bench: no captures at %s (name a directory with --data)" % data)
        return 77
    with open(os.path.join(data, "rules", "order.txt")) as f:
        rules = [w for name in f.read().split() for w in ("-r", os.path.join(data, "rules", name))]
    source = os.path.join(data, "captures", "node-a.scap")
    cpu = max(os.sched_getaffinity(0))
    replay = [args.eyas, "replay", "--quiet", "--rule-matching", "all", *rules]
    failed = False

    with tempfile.TemporaryDirectory(prefix="eyas-bench.") as tmp:
        one = subprocess.run([args.eyas, "events", "-p", "%evt.num", source], stdout=subprocess.PIPE).stdout
        events = one.count(b"\n")
        times = max(1, args.events // max(1, events))
        path = os.path.join(tmp, "bench.scap")
        concatenated(source, times, path)
        n = events * times
        print("capture: %s x %d: %d events, %.1f MB" %
              (os.path.basename(source), times, n, os.path.getsize(path) / 1e6))

        cost, peak = best(replay + [path], cpu, args.runs)
        print("%-34s %7.3f s CPU  %9.0f events/s  %6.1f MB" %
              ("eyas replay, all upstream rules", cost, n / cost, peak / 1024))
        zcat, _ = best(["zcat", path], cpu, args.runs)
        print("%-34s %7.3f s CPU" % ("zcat", zcat))
        print("eyas / zcat:   %.2f" % (cost / zcat))
        if shutil.which("sysdig"):
            sysdig, sysdig_peak = best(["sysdig", "-r", path, "proc.name=nosuch"], cpu, 1)
            print("%-34s %7.3f s CPU  %9.0f events/s  %6.1f MB" %
                  ("sysdig -r, proc.name=nosuch", sysdig, n / sysdig, sysdig_peak / 1024))
            print("eyas / sysdig: %.2f" % (cost / sysdig))
            failed |= cost >= sysdig
        else:
            print("sysdig is not installed (apt-get install sysdig): not compared")
        if args.memory:
            concatenated(source, times * 10, path)
            _, peak10 = measure(replay + [path], cpu)
            print("peak memory: %.1f MB, with ten times as many events %.1f MB" %
                  (peak / 1024, peak10 / 1024))
            failed |= peak10 > peak * 1.1 + 1024
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
