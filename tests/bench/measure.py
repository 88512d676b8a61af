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


def machine():
    """A line that says on what was measured."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        cpu = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown CPU")
    return f"Machine: {os.cpu_count()} CPUs, {cpu}, Linux {os.uname().release}."


def commit(source):
    """What is measured: the commit of the tree."""
    r = subprocess.run(["git", "-C", source, "log", "-1", "--format=%h of %cs"], stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL, text=True)
    return r.stdout.strip() or "an unpacked release"


def read_sections(path):
    old = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
    return [s for s in ("\n" + old).split("\n# ") if s.strip()]


def read_parts(path, title):
    """The parts of a section: {heading: text without it}."""
    for s in read_sections(path):
        if s.split("\n", 1)[0] == title:
            return {p.split("\n", 1)[0]: p.split("\n", 1)[1].strip() for p in s.split("\n## ")[1:] if "\n" in p}
    return {}


def write_section(path, title, text):
    """Puts a section (its text without the heading) into a file of results, in the place of one of that name."""
    sections = read_sections(path)
    new = f"{title}\n\n{text.strip()}\n"
    at = [i for i, s in enumerate(sections) if s.split("\n", 1)[0] == title]
    if at:
        sections[at[0]] = new
    else:
        sections.append(new)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join("# " + s.strip() + "\n" for s in sections))
