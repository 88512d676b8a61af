"""The traces of make bench: recorded here and now where that is possible, else made of the traces in the tree."""
import glob
import gzip
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.abspath(os.path.join(HERE, "..", ".."))
EMPTY = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


def recorded_incidents():
    return sorted(glob.glob(os.path.join(SOURCE, "traces/good/recorded-*/trace.eyas")))


def tree_traces():
    """All small traces of system calls in the tree."""
    return recorded_incidents() + [f for f in sorted(glob.glob(os.path.join(SOURCE, "traces/good/*/*.eyt")))]


def check(argv, **kw):
    r = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **kw)
    if r.returncode:
        sys.exit(f"bench: {argv[0]}: exit {r.returncode}: {r.stderr[-500:]}")
    return r


def repeat(tool, out, traces, events=0, scap=False):
    """Number of events."""
    r = check([tool, *(["-s"] if scap else []), "-o", out, "-n", str(events), *traces])
    return int(r.stderr.split()[-2])


def record(capture, tmp, events):
    """Records workload.sh, in namespaces and with an environment of its own; the trace's path, or None and the reason."""
    out, work = os.path.join(tmp, "recorded.eyas"), os.path.join(tmp, "work")
    if os.getuid() != 0:
        return None, "recording needs root"
    if not os.access(capture, os.X_OK):
        return None, "eyas-capture is not built"
    os.mkdir(work)
    p = subprocess.Popen(
        [capture, "-n", str(events), "-o", out, "--", "unshare", "-m", "-n", "-p", "-f", "--kill-child", "--mount-proc", "sh",
         os.path.join(HERE, "workload.sh"), work, SOURCE],
        env=EMPTY, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=tmp,
        start_new_session=True)
    said = []
    for line in p.stderr:
        said.append(line)
        if line.startswith("recording is over"):
            break
    os.killpg(p.pid, signal.SIGKILL)
    p.wait()
    p.stderr.close()
    shutil.rmtree(work, ignore_errors=True)
    if not any(re.match(r"\d+ events", s) for s in said):
        return None, " ".join("".join(said).split())[:200]
    return out, "".join(s for s in said if "lost" in s).strip()


def record_incidents(capture, eyas, tmp):
    """The attack scenarios as they are on this kernel; those of the tree where they cannot be run."""
    keep = os.path.join(tmp, "incidents")
    os.mkdir(keep)
    subprocess.run(["sh", os.path.join(SOURCE, "tests/driver/scenarios/scenarios.test")],
                   env={**EMPTY, "KEEP": keep, "srcdir": SOURCE, "EYAS": eyas, "EYAS_CAPTURE": capture, "TMPDIR": tmp},
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return sorted(glob.glob(os.path.join(keep, "*.eyas"))) or recorded_incidents()


def gzip_scap(eyas, trace, out):
    check([eyas, "convert", "--force", trace, out])
    with open(out, "rb") as f:
        if f.read(2) != b"\x1f\x8b":
            plain = out + ".plain"
            os.rename(out, plain)
            with open(plain, "rb") as src, gzip.open(out, "wb", 6) as dst:
                shutil.copyfileobj(src, dst, 1 << 20)
            os.unlink(plain)


def can(eyas, command):
    """The command is there."""
    return subprocess.run([eyas, command, "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def pack(eyas, trace, out):
    """The tight form, or the trace itself when there is no such command."""
    if not can(eyas, "pack"):
        return trace
    if os.path.exists(out):
        os.unlink(out)
    check([eyas, "pack", "-o", out, trace])
    return out


def build_previous(rev, directory, log):
    """The eyas of a commit, built beside."""
    if not os.path.exists(os.path.join(directory, "eyas")):
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        command = (f"git -C '{SOURCE}' archive '{rev}' | tar x && autoreconf -i && "
                   "./configure -q --disable-driver --without-report-page && make -s -j$(nproc) eyas")
        with open(log, "w") as f:
            if subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=directory, stdout=f, stderr=f).returncode:
                shutil.rmtree(directory)
                sys.exit(f"bench: {rev} does not build, see {log}")
    return os.path.join(directory, "eyas")
