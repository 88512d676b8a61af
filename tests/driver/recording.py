"""What tests of the recorder share: running it, looking at its traces, TAP. The environment names the programs.

Nothing here depends on how soon a busy machine comes round to something: conditions are waited for, and limits of time
are there to end a test that hangs.
"""
import os
import re
import shlex
import subprocess
import sys
import time

EYAS = os.environ["EYAS"]
CAPTURE = os.environ["EYAS_CAPTURE"]
PATIENCE = 120  # seconds, for what takes one on an idle machine

# COUNTER SECONDS PAUSE NOISE COUNT: writes "seq N" to /dev/null, N from 0, 50 at a time, NOISE bytes that do not pack
# behind each; ends after SECONDS, at COUNT, or when there is a file "stop"; ends with the last N on standard output. The
# file "counted" tells when it came how far.
COUNTER = """
import os, sys, time
fd, n, end = os.open("/dev/null", os.O_WRONLY), 0, time.monotonic() + float(sys.argv[1])
pause, noise, count = float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
counted = open("counted", "w")
while time.monotonic() < end and n < count and not os.path.exists("stop"):
    for i in range(50):
        os.write(fd, b"seq %d" % n)
        if noise:
            os.write(fd, os.urandom(noise))
        n += 1
    counted.write("%d %.6f\\n" % (n - 1, time.time()))
    counted.flush()
    time.sleep(pause)
print(n - 1)
"""


def counter(seconds, pause=0.002, noise=0, count=1 << 40):
    return [sys.executable, "-c", COUNTER, str(seconds), str(pause), str(noise), str(count)]


# A program behind this has a network of its own, with nothing in it but a loopback interface.
OWN_NETWORK = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


def capture(*args, behind=(), **kw):
    kw.setdefault("capture_output", True)
    return subprocess.run([*behind, CAPTURE, *args], text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, **kw)


def start(*args, **kw):
    return subprocess.Popen([CAPTURE, *args], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            errors="replace", **kw)


def events(*traces, fmt="*%evt.rawtime %proc.pid %evt.type %evt.rawres %evt.arg.data", status=(0,), condition=None):
    """Lines of the events, and what eyas says on standard error."""
    r = subprocess.run([EYAS, "events", "-p", fmt, *traces, *([condition] if condition else [])],
                       capture_output=True, text=True, errors="replace")
    assert r.returncode in status, f"eyas events: exit {r.returncode}: {r.stderr[:400]}"
    return r.stdout.splitlines(), r.stderr


def info(trace):
    return subprocess.run([EYAS, "info", trace], capture_output=True, text=True).stdout


def sequence(*traces, status=(0,)):
    """The numbers that COUNTER wrote, in the order of the traces."""
    found = []
    for t in traces:
        found += [int(m.group(1)) for m in (re.search(r"\bseq (\d+)$", x) for x in events(t, status=status)[0]) if m]
    return found


def wait_for(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def status_of(pid, *keys):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        lines = dict(x.rstrip("\n").split(":", 1) for x in f)
    return [lines[k].strip() for k in keys]


def recording(pid):
    """The recorder has done its preparations: seccomp is the last of them."""
    wait_for(lambda: status_of(pid, "Seccomp") == ["2"] or status_of(pid, "State")[0][0] == "Z")
    return status_of(pid, "Seccomp") == ["2"] and status_of(pid, "State")[0][0] != "Z"


def finish(p, sig=None):
    """Sends a signal to a recorder, if one is given; what it says on standard output and error once it has ended."""
    if sig is not None:
        p.send_signal(sig)
    return p.communicate(timeout=PATIENCE)


def contiguous(numbers):
    assert numbers, "no event of the counter was recorded"
    for a, b in zip(numbers, numbers[1:]):
        assert b == a + 1, f"behind {a} comes {b}"


def script_rows(trace, kind):
    """The lines of one kind in the snapshots of a trace, a dictionary each."""
    r = subprocess.run([EYAS, "convert", "--to", "script", trace, "-"], capture_output=True, text=True, check=True)
    return [dict(w.split("=", 1) for w in shlex.split(x)[1:]) for x in r.stdout.splitlines() if x.startswith(kind + " ")]


def run_tests(tests, only):
    """TAP. A test is a function whose doc string is its claim; it returns the reason when it cannot be run."""
    tests = [t for t in tests if not only or t.__name__ in only]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for n, t in enumerate(tests, 1):
        claim = " ".join(t.__doc__.split())
        try:
            skip = t()
            print(f"ok {n} - {claim}" + (f" # SKIP {skip}" if skip else ""), flush=True)
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            for line in f"{t.__name__}: {type(e).__name__}: {e}".splitlines():
                print("# " + line[:600])
            print(f"not ok {n} - {claim}", flush=True)
    return 1 if failed else 0
