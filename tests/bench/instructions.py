"""make check-instructions: what an event costs, counted in instructions, must not grow.

	instructions.py --eyas FILE --repeat FILE [--makefile FILE] [--update]

Instructions are counted by valgrind's callgrind: unlike times they hardly differ from run to run. They do differ with the compiler and
the libraries, so instructions.txt says which ones its figures are for; with others the test is skipped (77), with the reason. An
event more than 3 % dearer than written there fails; more than 3 % cheaper: the file should be written anew (--update).
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import bench_traces as traces

EXPECTED = os.path.join(traces.HERE, "instructions.txt")
TOLERANCE = 0.03
EVENTS = 20000
CPU_FLAGS = ("avx2", "avx512f", "bmi2", "erms")


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(77)


def first_line(argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.split("\n")[0]


def versions(makefile):
    """What the counts depend on besides our code."""
    with open(makefile) as f:
        made = dict(re.findall(r"^(CC|CFLAGS) = (.*)$", f.read(), re.M))
    compiler = made["CC"].split()[-1]
    with open("/proc/cpuinfo") as f:
        flags = set(next((line for line in f if line.startswith("flags")), "").split())
    return [f"compiler {first_line([compiler, '--version'])} {made['CFLAGS']}",
            f"libc {first_line(['ldd', '--version']).split(') ')[-1]}",
            f"zstd {first_line(['pkg-config', '--modversion', 'libzstd'])}",
            "cpu " + " ".join(x for x in CPU_FLAGS if x in flags)]


def count(argv, tmp):
    out = os.path.join(tmp, "callgrind.out")
    r = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *argv], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    m = re.search(r"Collected : (\d+)", r.stderr)
    if r.returncode or not m:
        sys.exit(f"instructions: {' '.join(argv)[:200]}: exit {r.returncode}: {r.stderr[-500:]}")
    return int(m.group(1))


def measure(eyas, repeat, tmp):
    """Figures by name: instructions an event, those of an empty trace taken off; or of the whole."""
    trace, script, empty = (os.path.join(tmp, x) for x in ("a.eyas", "empty.eyt", "empty.eyas"))
    n = traces.repeat(repeat, trace, traces.tree_traces(), EVENTS)
    with open(script, "w") as f:
        f.write("eyas-script 1\n")
    traces.check([eyas, "assemble", "-o", empty, script])
    replay = [eyas, "replay", "--quiet", "--rule-matching", "all", "-r", os.path.join(traces.SOURCE, "rules", "eyas_rules.yaml")]
    load = count([*replay, empty], tmp)
    idle = count([eyas, "events", empty], tmp)
    got = {
        "start-up-with-rules": load,
        "replay-an-event": (count([*replay, trace], tmp) - load) / n,
        "events-an-event": (count([eyas, "events", trace], tmp) - idle) / n,
        "events-json-an-event": (count([eyas, "events", "--json", trace], tmp) - idle) / n,
        "info": count([eyas, "info", trace], tmp),
    }
    packed = traces.pack(eyas, trace, os.path.join(tmp, "packed.eyas"))
    if packed != trace:
        got["replay-packed-an-event"] = (count([*replay, packed], tmp) - load) / n
    return {name: round(v) for name, v in got.items()}


def read_expected():
    said, figures = [], {}
    with open(EXPECTED) as f:
        for line in f:
            if line.startswith("#"):
                continue
            if re.search(r" \d+$", line) and line.split()[0] not in ("compiler", "libc", "zstd", "cpu"):
                figures[line.split()[0]] = int(line.split()[1])
            else:
                said.append(line.rstrip("\n"))
    return said, figures


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--eyas", required=True)
    ap.add_argument("--repeat", required=True)
    ap.add_argument("--makefile", default="Makefile")
    ap.add_argument("--update", action="store_true")
    args = ap.parse_args()
    if not shutil.which("valgrind"):
        skip("valgrind is not installed (apt-get install valgrind)")
    here = versions(args.makefile)
    expected, figures = read_expected() if os.path.exists(EXPECTED) else ([], {})
    if not args.update and here != expected:
        skip("the figures are for " + "; ".join(expected) + "; here it is " + "; ".join(x for x in here if x not in expected))
    with tempfile.TemporaryDirectory(prefix="eyas-instructions.") as tmp:
        got = measure(os.path.abspath(args.eyas), os.path.abspath(args.repeat), tmp)
    if args.update:
        with open(EXPECTED, "w") as f:
            f.write("# Instructions, of these versions: see instructions.py. Written by\n"
                    "#     make check-instructions INSTRUCTIONS_FLAGS=--update\n" +
                    "".join(x + "\n" for x in here) + "".join(f"{k} {v}\n" for k, v in got.items()))
        return 0
    bad = 0
    for i, (name, v) in enumerate(got.items(), 1):
        want = figures.get(name)
        change = v / want - 1 if want else 0
        ok = want is not None and change <= TOLERANCE
        bad |= not ok
        print(f"{'ok' if ok else 'not ok'} {i} - {name}: {v:,} instructions" +
              (f", {change:+.1%}" if want else ": no figure in instructions.txt"))
        if not ok or change < -TOLERANCE:
            print(f"# {'if that is as it must be' if not ok else 'better than it says'}: "
                  "make check-instructions INSTRUCTIONS_FLAGS=--update")
    print(f"1..{len(got)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
