"""What the benchmarks measure with: CPU time, wall time and peak memory of a command, and ratios of interleaved pairs.

The commands of a pair run one after the other, again and again; the ratio is the median of the pairs' ratios. So what else the
machine does weighs on both alike."""
import os
import statistics
import subprocess
import sys
import time


class Run:
    def __init__(self, cpu, wall, memory):
        self.cpu, self.wall, self.memory = cpu, wall, memory  # seconds, seconds, bytes


def run(argv, cpus=None, stdin=None, ok=(0,)):
    """One run; its output is thrown away. `cpus`: the CPUs it may use. `stdin`: a command whose output it reads."""
    feeder = None
    if stdin:
        feeder = subprocess.Popen(stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    begin = time.monotonic()
    p = subprocess.Popen(argv, stdin=feeder.stdout if feeder else subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, preexec_fn=lambda: cpus and os.sched_setaffinity(0, cpus))
    if feeder:
        feeder.stdout.close()
    err = p.stderr.read()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    if feeder and feeder.wait():
        sys.exit(f"bench: {stdin[0]}: exit {feeder.returncode}")
    if p.returncode not in ok:
        sys.exit(f"bench: {' '.join(argv)[:200]}: exit {p.returncode}: {err.decode(errors='replace')[-500:]}")
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def median(runs, what):
    return statistics.median(getattr(r, what) for r in runs)


class Pairs:
    """Runs of several commands, interleaved."""

    def __init__(self, n, commands):
        """commands: name: a function that makes one Run."""
        self.runs = {name: [] for name in commands}
        for _ in range(n):
            for name, once in commands.items():
                self.runs[name].append(once())

    def get(self, name, what="cpu"):
        return median(self.runs[name], what)

    def ratio(self, a, b, what="cpu"):
        return statistics.median(getattr(x, what) / max(getattr(y, what), 1e-9)
                                 for x, y in zip(self.runs[a], self.runs[b]))
