"""The recorder as a whole, on the running kernel, as root: what must hold of files, rights, signals and losses. TAP."""
import json
import os
import random
import re
import shutil
import signal
import stat
import statistics
import struct
import subprocess
import sys
import time

from recording import (CAPTURE, EYAS, OWN_NETWORK, PATIENCE, capture, contiguous, counter, events, finish, info,
                       recording, run_tests, script_rows, sequence, start, status_of, wait_for)

WORK = sys.argv[1]
ONLY = sys.argv[2:]  # names of tests
NOBODY = 65534

os.chdir(WORK)

# ---- the tests: their doc string is the claim -----------------------------------------------------------------------

def command_status_is_passed_on():
    """The exit status is the command's, 128 + N when signal N ended it, 127 when there is none."""
    assert capture("-q", "-o", "s1", "--", "sh", "-c", "exit 7").returncode == 7
    assert capture("-q", "-o", "s2", "--", "sh", "-c", "kill -9 $$").returncode == 137
    assert capture("-q", "-o", "s3", "--", "/no/such/program").returncode == 127


def everything_the_command_did_is_there_once():
    """Each call of the command is in the trace once, in order."""
    r = capture("-o", "c.eyas", "--", *counter(1))
    numbers = sequence("c.eyas")
    contiguous(numbers)
    assert numbers[0] == 0 and numbers[-1] == int(r.stdout), (numbers[0], numbers[-1], r.stdout)
    assert "nothing lost" in r.stderr, r.stderr


def files_are_private_and_never_replaced():
    """A trace has mode 0600; an existing file, a symbolic link and a dangling one are refused and left alone."""
    os.umask(0)
    assert capture("-q", "-o", "m.eyas", "--", "true").returncode == 0
    assert stat.S_IMODE(os.stat("m.eyas").st_mode) == 0o600
    before = open("m.eyas", "rb").read()
    os.symlink("m.eyas", "link")
    os.symlink("nothing-there", "dangling")
    for name in ("m.eyas", "link", "dangling"):
        r = capture("-q", "-o", name, "--", "touch", "ran")
        assert r.returncode == 4 and "File exists" in r.stderr, (name, r.returncode, r.stderr)
    assert open("m.eyas", "rb").read() == before
    assert not os.path.exists("nothing-there") and not os.path.exists("ran"), "the command ran all the same"


def trace_on_standard_output_is_not_mixed():
    """With -o - the command's standard output goes to standard error, and the trace is whole."""
    r = subprocess.run([CAPTURE, "-q", "-o", "-", "--", "echo", "hello"], capture_output=True, timeout=PATIENCE)
    assert r.returncode == 0 and b"hello" in r.stderr, r
    with open("stdout.eyas", "wb") as f:
        f.write(r.stdout)
    assert any("hello" in x for x in events("stdout.eyas")[0])


def event_count_is_kept():
    """-n N records N events, not one more; the command goes on to its end."""
    r = capture("-n", "100", "-o", "n.eyas", "--", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do ls >/dev/null; done; "
                "echo done")
    assert r.returncode == 0 and "done" in r.stdout, r
    assert len(events("n.eyas")[0]) == 100, len(events("n.eyas")[0])


def duration_is_kept():
    """-d ends recording in time with a whole trace."""
    begin = time.monotonic()
    assert capture("-q", "-d", "1", "-o", "d.eyas").returncode == 0
    assert 0.9 < time.monotonic() - begin < 30
    events("d.eyas")


def one_interrupt_ends_cleanly():
    """Ctrl-C (and SIGTERM) end a recording of the system at once, with index and footer, status 0."""
    for n, sig in enumerate((signal.SIGINT, signal.SIGTERM)):
        p = start("-q", "-o", f"i{n}.eyas")
        assert recording(p.pid)
        _, err = finish(p, sig)
        assert p.returncode == 0, err
        assert "not looked for" in info(f"i{n}.eyas"), "no index"


def command_gets_the_interrupt_and_ends_the_recording():
    """Interrupted once, the recorder passes it on and records until the command has ended; its status counts."""
    p = start("-q", "-o", "trap.eyas", "--", "sh", "-c",
              "trap 'printf \"seq 1\" >/dev/null; exit 5' INT; : >trapped; while :; do sleep 0.05; done")
    assert recording(p.pid) and wait_for(lambda: os.path.exists("trapped"))
    finish(p, signal.SIGINT)
    assert p.returncode == 5, p.returncode
    assert sequence("trap.eyas") == [1]


def second_interrupt_does_not_wait():
    """Interrupted twice, the recorder leaves a command that will not end, with a whole trace."""
    p = start("-q", "-o", "twice.eyas", "--", "sh", "-c", "trap '' INT; echo $$ >deaf.new; mv deaf.new deaf; "
              f"exec sleep {3 * PATIENCE}")
    assert recording(p.pid) and wait_for(lambda: os.path.exists("deaf"))
    with open("deaf", encoding="utf-8") as f:
        deaf = int(f.read())
    try:
        p.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert p.poll() is None
        p.send_signal(signal.SIGINT)
        p.stderr.close()
        p.wait(timeout=PATIENCE)
        assert p.returncode == 0, p.returncode
        os.kill(deaf, 0)
    finally:
        os.kill(deaf, signal.SIGKILL)
    events("twice.eyas")


def stop_counter():
    """Has COUNTER end, also one whose recorder is gone."""
    open("stop", "w").close()
    size = -1
    while size != os.path.getsize("counted"):
        size = os.path.getsize("counted")
        time.sleep(0.5)
    os.unlink("stop")


def kill_loses_at_most_a_second():
    """kill -9, and copies of the growing file at random moments: at most the last second is lost, the rest is read."""
    p = start("-q", "-o", "k.eyas", "--", *counter(PATIENCE), stdout=subprocess.DEVNULL)
    assert recording(p.pid)
    assert wait_for(lambda: os.path.getsize("k.eyas") > 0 and os.path.exists("counted"))
    copies = []
    for i in range(8):
        time.sleep(random.uniform(0.1, 0.5))
        at = time.time()
        shutil.copyfile("k.eyas", f"k{i}.eyas")
        copies.append((f"k{i}.eyas", at))
    time.sleep(1)
    at = time.time()
    p.kill()
    p.wait()
    copies.append(("k.eyas", at))
    stop_counter()
    with open("counted", encoding="utf-8") as f:
        written = [(int(x.split()[0]), float(x.split()[1])) for x in f if x.endswith("\n")]
    for name, at in copies:
        # a block each second, and another for a busy machine
        due = max((n for n, when in written if when < at - 2), default=-1)
        found = max(sequence(name, status=(0, 3)), default=-1)
        assert found >= due, f"{name}: ends with {found}, {due} had been written two seconds before the copy"
    contiguous(sequence("k.eyas", status=(0, 3)))
    # and cut anywhere
    whole = open("k.eyas", "rb").read()
    told = 0
    for i in range(10):
        with open("cut.eyas", "wb") as f:
            f.write(whole[:random.randrange(len(whole) // 2, len(whole))])
        r = subprocess.run([EYAS, "replay", "-q", "-r", "always.yaml", "cut.eyas"], capture_output=True, text=True)
        assert r.returncode in (0, 3), (r.returncode, r.stderr)
        assert r.returncode == 0 or "cut" in r.stderr, r.stderr
        told += r.returncode == 3
    assert told, "ten cuts at random, and none was told"


def small_disk(size):
    os.makedirs("disk", exist_ok=True)
    r = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", "disk"], capture_output=True)
    return r.returncode == 0


def full_disk_stops():
    """A full disk ends the recording with status 4 and a message; what is on it is a whole prefix."""
    if not small_disk("128k"):
        return "no tmpfs can be mounted"
    try:
        r = capture("-o", "disk/a.eyas", "--", *counter(PATIENCE, 0.05, 64, 5000))
        assert r.returncode == 4 and "disk is full" in r.stderr, (r.returncode, r.stderr)
        numbers = sequence("disk/a.eyas", status=(0, 3))
        contiguous(numbers)
        assert numbers[0] == 0
        m = re.search(r"(\d+) events are lost", r.stderr)
        assert m and int(m.group(1)) > 0, r.stderr
    finally:
        subprocess.run(["umount", "disk"], check=True)


def stands_still(trace, counted):
    """A trace has not grown for three seconds in which there was something to record."""
    before = os.path.getsize(trace), os.path.getsize(counted)
    time.sleep(3)
    return os.path.getsize(trace) == before[0] and os.path.getsize(counted) > before[1] + 1000


def full_disk_drops():
    """--on-full drop goes on in a new file when there is room again, and says what was lost, to the event."""
    if not small_disk("6m"):
        return "no tmpfs can be mounted"
    try:
        with open("disk/ballast", "wb") as f:
            f.write(b"x" * (6 * 1024 * 1024 - 300 * 1024))
        p = start("--on-full", "drop", "-o", "disk/a.eyas", "--", *counter(PATIENCE, 0.05, 64), stdout=subprocess.PIPE)
        assert recording(p.pid)
        assert wait_for(lambda: stands_still("disk/a.eyas", "counted"))
        os.unlink("disk/ballast")
        assert wait_for(lambda: os.path.exists("disk/a.eyas.000002"))
        time.sleep(1)
        open("stop", "w").close()
        out, err = finish(p)
        os.unlink("stop")
        assert p.returncode == 0, (p.returncode, err)
        names = sorted(x for x in os.listdir("disk"))
        assert names == ["a.eyas", "a.eyas.000002"], names
        paths = [os.path.join("disk", x) for x in names]
        first, second = sequence(paths[0], status=(0, 3)), sequence(paths[1])
        contiguous(first)
        contiguous(second)
        total = sum(len(events(x, status=(0, 3))[0]) for x in paths)
        m = re.match(r"(\d+) events, .*; (\d+) lost, the disk was full", err.splitlines()[-1])
        assert m, err
        assert total + int(m.group(2)) == int(m.group(1)), (total, err, info(paths[0]), info(paths[1]))
        assert second[-1] == int(out.split()[-1]), "the end is missing"
        assert m.group(2) in info(paths[1]), info(paths[1])
    finally:
        subprocess.run(["umount", "disk"], check=True)


def rotation_loses_nothing():
    """Files of a second each, under load: every file reads by itself, together they hold each event once, in order."""
    os.mkdir("rot")
    r = capture("-o", "rot/%s.eyas", "-G", "1s", "--", *counter(5, 0.0005))
    assert r.returncode == 0 and "nothing lost" in r.stderr, r.stderr
    names = sorted(os.path.join("rot", x) for x in os.listdir("rot"))
    assert 3 <= len(names) <= 30, names
    numbers = sequence(*names)
    contiguous(numbers)
    assert numbers[0] == 0 and numbers[-1] == int(r.stdout)
    r = subprocess.run([EYAS, "replay", "-q", "-r", "always.yaml", "--continue", *names], capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    # each file knows the process that was running before it: by its own snapshot
    for n in names[1:]:
        lines = events(n, fmt="%proc.name %proc.exepath", condition="evt.type=write and evt.arg.data contains seq")[0]
        assert (lines or n == names[-1]) and all("python" in x for x in lines), (n, lines[:1])


def rotation_by_size_keeps_the_last_files_in_constant_memory():
    """-C and -W under load: no more than W files, and the recorder does not grow."""
    os.mkdir("size")
    p = start("-q", "-o", "size/t.eyas", "-C", "1", "-W", "3", "-s", "4096", "--", sys.executable, "-c",
              "import os, time\nfd = os.open('/dev/null', 1)\n"
              f"end = time.monotonic() + {PATIENCE}\n"
              "while time.monotonic() < end and not os.path.exists('stop'):\n    for i in range(100):\n        os.write(fd, os.urandom(1000))\n"
              "    time.sleep(0.002)")
    assert recording(p.pid)
    rss = []
    for _ in range(14):
        time.sleep(0.5)
        rss.append(int(status_of(p.pid, "VmRSS")[0].split()[0]))
    open("stop", "w").close()
    finish(p)
    os.unlink("stop")
    assert p.returncode == 0
    names = sorted(os.listdir("size"))
    assert len(names) == 3 and int(names[-1].split(".")[-1]) > 6, names
    for n in names:
        events(os.path.join("size", n))
    # what waits in the buffers of a busy machine comes and goes
    early, late = max(rss[4:8]), statistics.median(rss[-5:])
    assert late < early * 1.15 + 2000, f"resident memory grew: {rss}"


def snapshots_hold_mounts_and_control_groups():
    """Each file's snapshot has the mounts of every namespace and the control groups; with a command only its own."""
    inner = subprocess.Popen(["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k elsewhere /mnt || exit 9; "
                              "echo ready; exec sleep 300"], stdout=subprocess.PIPE, text=True)
    try:
        if inner.stdout.readline() != "ready\n":
            return "no mount namespace can be made"
        ns = str(os.stat(f"/proc/{inner.pid}/ns/mnt").st_ino)
        own = str(os.stat("/proc/self/ns/mnt").st_ino)
        os.mkdir("mnt")
        p = start("-q", "-o", "mnt/%s.eyas", "-G", "1s")
        # a file is finished when the next is begun
        assert wait_for(lambda: len(os.listdir("mnt")) > 2)
        finish(p, signal.SIGINT)
        for name in sorted(os.listdir("mnt")):
            trace = os.path.join("mnt", name)
            mounts = script_rows(trace, "mount")
            assert [m for m in mounts if m["ns"] == ns and m.get("source") == "elsewhere" and m["point"] == "/mnt"], mounts
            assert [m for m in mounts if m["ns"] == own and m["point"] == "/"], mounts
            assert not [m for m in mounts if m["ns"] == own and m.get("source") == "elsewhere"], mounts
            threads = {t["tid"]: t for t in script_rows(trace, "thread")}
            assert threads[str(inner.pid)]["mntns"] == ns, threads[str(inner.pid)]
            groups = {(int(g.get("hierarchy", 0)), g["path"]): g for g in script_rows(trace, "cgroup")}
            with open(f"/proc/{inner.pid}/cgroup", encoding="utf-8") as f:
                lines = [x.rstrip("\n").split(":", 2) for x in f]
            assert lines and all((int(n), path) in groups for n, _, path in lines), (lines, groups)
        assert capture("-q", "-o", "own.eyas", "--", "true").returncode == 0
        mounts = script_rows("own.eyas", "mount")
        assert mounts and {m["ns"] for m in mounts} == {own}, mounts
        assert {t.get("mntns") for t in script_rows("own.eyas", "thread")} == {own, None}
        return None
    finally:
        inner.kill()
        inner.wait()


def rights_are_given_up():
    """While it records, the recorder has no capability, cannot gain one, and seccomp is in force; while rotating it has
    what the next snapshot needs."""
    for args, wanted in (([], 0), (["-C", "100"], 1 << 19 | 1 << 2)):
        p = start("-q", "-o", f"rights{len(args)}.eyas", *args)
        assert recording(p.pid)
        eff, prm, nnp, seccomp = status_of(p.pid, "CapEff", "CapPrm", "NoNewPrivs", "Seccomp")
        finish(p, signal.SIGINT)
        assert int(eff, 16) == int(prm, 16) and int(eff, 16) & ~wanted == 0, (eff, prm)
        assert (nnp, seccomp) == ("1", "2"), (nnp, seccomp)


def as_nobody(*command, caps=()):
    """The command as nobody with these capabilities."""
    sets = ",".join("+" + c for c in caps)
    extra = [f"--inh-caps={sets}", f"--ambient-caps={sets}"] if caps else ["--inh-caps=-all"]
    return subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *extra, "--", *command],
                          capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)


def missing_rights_are_named():
    """Without the rights the message names exactly the ones that are missing."""
    if not shutil.which("setpriv"):
        return "setpriv is not installed"
    os.chmod(WORK, 0o755)
    os.mkdir("open")
    os.chmod("open", 0o1777)
    shutil.copy(CAPTURE, "plain")
    os.chmod("plain", 0o755)
    for caps, wanted in (((), "without CAP_BPF and CAP_PERFMON"), (("bpf",), "without CAP_PERFMON"),
                         (("perfmon",), "without CAP_BPF;")):
        r = as_nobody("./plain", "-o", "open/x", "--", "true", caps=caps)
        assert r.returncode == 4, (caps, r)
        errors = [x for x in r.stderr.splitlines() if x.startswith("error")]
        assert len(errors) == 1 and wanted in errors[0], (caps, r.stderr)
        assert not os.path.exists("open/x")


def file_capabilities(path, *numbers):
    """As setcap: permitted and effective."""
    bits = sum(1 << n for n in numbers)
    os.setxattr(path, "security.capability", struct.pack("<IIIII", 0x02000001, bits & 0xffffffff, 0, bits >> 32, 0))


def command_never_has_the_recorders_rights():
    """Run by a user through file capabilities, the recorder records; its command has none of these rights."""
    if not shutil.which("setpriv"):
        return "setpriv is not installed"
    os.chmod(WORK, 0o755)
    os.makedirs("open", exist_ok=True)
    os.chmod("open", 0o1777)
    shutil.copy(CAPTURE, "capable")
    os.chmod("capable", 0o755)
    file_capabilities("capable", 39, 38, 19, 2)  # BPF, PERFMON, SYS_PTRACE, DAC_READ_SEARCH
    r = as_nobody("./capable", "-q", "-o", "open/c.eyas", "--", "grep", "-E", "^(Cap|Uid|NoNew)", "/proc/self/status")
    if r.returncode == 126 or "Operation not permitted" in r.stderr:
        return "file capabilities do not work here"
    assert r.returncode == 0, (r.returncode, r.stderr)
    got = dict(re.findall(r"^(\w+):\s*(.*)$", r.stdout, re.M))
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(got[name], 16) == 0, got
    assert got["Uid"].split() == [str(NOBODY)] * 4 and got["NoNewPrivs"] == "0", got
    assert any(" execve " in x for x in events("open/c.eyas")[0]), events("open/c.eyas")[0]
    assert os.stat("open/c.eyas").st_uid == NOBODY


def others_stay_private():
    """Of a command only it and its ancestors are in the snapshot, and nobody else's environment or descriptors."""
    secret = subprocess.Popen(["sleep", "60"], env={"SECRET_OF_ANOTHER": "xyzzy-secret"})
    held = open("held-by-the-ancestor", "w")
    try:
        for args, there in ((["--", "sleep", "0.3"], False), (["-d", "1"], True)):
            name = f"private{there}"
            # (on the whole system, this is inherited from here and would be found in an exec)
            assert capture("-q", "-o", name + ".eyas", *args).returncode == 0
            subprocess.run([EYAS, "convert", "-f", name + ".eyas", name + ".eyt"], check=True, capture_output=True)
            text = open(name + ".eyt", errors="replace").read()
            assert ("xyzzy-secret" in text) == there, name
            assert ("held-by-the-ancestor" in text) == there, name
            assert str(os.getpid()) in text
    finally:
        secret.kill()
        secret.wait()
        held.close()


# WAY: executes /bin/true, as a second thread for "thread", by a path in a page of a file that nobody has touched.
UNTOUCHED = """
import ctypes, mmap, os, sys, threading
libc = ctypes.CDLL(None)
open("page", "wb").write(b"/bin/true\\0".ljust(mmap.PAGESIZE))
page = mmap.mmap(os.open("page", os.O_RDWR), mmap.PAGESIZE, flags=mmap.MAP_PRIVATE)
path = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(page)))
argv = (ctypes.c_char_p * 3)(b"from a page", sys.argv[1].encode(), None)
envp = (ctypes.c_char_p * 1)(None)
run = lambda: libc.execve(path, argv, envp)
if sys.argv[1] == "thread":
    t = threading.Thread(target=run)
    t.start()
    t.join()
run()
"""


def a_program_is_named_though_its_path_was_not_in_memory():
    """The path of an exec is recorded also when it is not in memory as the call begins."""
    for way in ("first", "thread"):
        trace = f"untouched-{way}.eyas"
        r = capture("--stats", "-o", trace, "--", sys.executable, "-c", UNTOUCHED, way)
        assert r.returncode == 0, r
        lines, _ = events(trace, fmt="*%evt.rawres %evt.arg.filename %proc.args", condition="evt.type=execve")
        assert f"0 /bin/true {way}" in lines, lines
        assert " 0 enter pieces" in r.stderr and " 0 pieces of memory" in r.stderr, r.stderr


def reader_gone_is_a_clean_end():
    """When the reader of the pipe has had enough, the recorder ends with status 0 and no error."""
    p = start("-o", "-", stdout=subprocess.PIPE)
    p.stdout.read(100)
    p.stdout.close()
    _, err = finish(p)
    assert p.returncode == 0 and "error" not in err, (p.returncode, err)


def alert_within_a_second():
    """eyas-capture -o - | eyas replay: an alert within a second of the act."""
    with open("live.yaml", "w") as f:
        f.write("- rule: live\n  desc: d\n  condition: evt.type in (openat, open) and fd.name contains live-marker\n"
                "  output: ALERT %fd.name\n  priority: ERROR\n")
    p = start("-q", "-o", "-", stdout=subprocess.PIPE)
    q = subprocess.Popen([EYAS, "replay", "-r", "live.yaml", "-"], stdin=p.stdout, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    p.stdout.close()
    assert recording(p.pid)
    took = []
    for i in range(9):
        begin = time.monotonic()
        open(f"live-marker-{i}", "w").close()
        line = ""
        while f"live-marker-{i}" not in line:
            line = q.stdout.readline()
            assert line, q.stderr.read()
        took.append(time.monotonic() - begin)
        time.sleep(0.3)
    p.send_signal(signal.SIGINT)
    q.communicate(timeout=PATIENCE)
    finish(p)
    assert (p.returncode, q.returncode) == (0, 0), (p.returncode, q.returncode)
    # one or another may meet a machine that is busy; a second is what they take, not what is rare
    assert statistics.median(took) < 1, f"the alerts took {took}"


def own_pipe_is_not_recorded():
    """What reads the recorder's pipe is not in the recording, so that it does not feed itself."""
    other = subprocess.Popen([*counter(10)], stdout=subprocess.DEVNULL)  # an idle machine has nothing to record
    try:
        p = start("-q", "-o", "-", "-d", "2", stdout=subprocess.PIPE)
        q = subprocess.Popen([EYAS, "events", "-p", "%proc.pid %evt.type", "-"], stdin=p.stdout,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        p.stdout.close()
        out, _ = q.communicate(timeout=PATIENCE)
        p.communicate(timeout=PATIENCE)
    finally:
        other.kill()
        other.wait()
    pids = [x.split()[0] for x in out.splitlines()]
    own = [x for x in out.splitlines() if x.split()[0] in (str(p.pid), str(q.pid))]
    assert str(other.pid) in pids and not own, (len(pids), own[:5])


def live_trace_says_what_was_lost():
    """A buffer that is too small loses, and the trace says so, before its end; the summary agrees."""
    r = capture("--buffer", "64k", "-s", "60000", "-o", "lossy.eyas", "--", "dd", "if=/dev/zero", "of=/dev/null",
                "bs=60000", "count=20000")
    m = re.search(r"(\d+) lost", r.stderr)
    assert m, r.stderr
    assert m.group(1) in info("lossy.eyas"), (m.group(1), info("lossy.eyas"))


def selection_by_pid_and_call():
    """--pid records that process only, --syscalls the calls named (and those that keep the state)."""
    p = subprocess.Popen([*counter(3 * PATIENCE)], stdout=subprocess.DEVNULL)
    try:
        assert capture("-q", "-d", "1", "--pid", str(p.pid), "--syscalls", "write", "-o", "p.eyas").returncode == 0
        lines = [x.split() for x in events("p.eyas")[0]]
        assert lines and all(x[1] == str(p.pid) for x in lines)
        kinds = {x[2] for x in lines}
        assert "write" in kinds and not kinds & {"clock_nanosleep", "read", "mmap", "brk"}, kinds
        assert capture("-q", "-d", "1", "--pid", "4194300", "-o", "none.eyas").returncode == 4
    finally:
        p.kill()
        p.wait()


def refusing(args, load="", attach=""):
    """Runs the recorder on a kernel that refuses these programs."""
    cc = os.environ.get("CC", "cc").split()
    source = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "refuse_bpf.c")
    if not os.path.exists("refuse_bpf.so"):
        subprocess.run([*cc, "-O1", "-shared", "-fPIC", "-o", "refuse_bpf.so", source], check=True)
    env = dict(os.environ, LD_PRELOAD=os.path.abspath("refuse_bpf.so"), REFUSE_LOAD=load, REFUSE_ATTACH=attach,
               ASAN_OPTIONS="verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""))
    return capture(*args, env=env)


def missing_of(trace):
    r = subprocess.run([EYAS, "info", "--json", trace], capture_output=True, text=True, check=True)
    return json.loads(r.stdout)["provenance"]["driver"]["missing"]


def a_feature_that_the_kernel_lacks_is_left_out():
    """What a kernel refuses and a recording can do without is left out, said, and in the trace; the rest is recorded."""
    command = ["--", "sh", "-c", "trap : USR1; kill -USR1 $$; /bin/true; :"]
    for i, refused in enumerate(({"load": "signal_deliver:"}, {"attach": "signal_deliver:"},
                                 {"load": "process_free:signal_deliver:"}, {"load": "process_free:"})):
        trace = f"f{i}.eyas"
        r = refusing(["-o", trace, *command], **refused)
        names = "".join(refused.values()).rstrip(":").split(":")
        assert "nothing lost" in r.stderr, r.stderr
        for name in names:
            assert re.search(rf"warning: this kernel .* the driver's program {name} \(.*\): ", r.stderr), r.stderr
        assert r.stderr.count("[DRIVER]") == len(names), r.stderr
        assert len(missing_of(trace)) == len(names), missing_of(trace)
        types = {x.split()[2] for x in events(trace)[0]}
        assert {"execve", "procexit", "exit_group"} <= types and ("signaldeliver" in types) == (i == 3), types
    r = capture("-o", "f-all.eyas", *command)
    assert "[DRIVER]" not in r.stderr and missing_of("f-all.eyas") == [], r.stderr


def what_a_recording_needs_is_named_when_it_is_refused():
    """When a program is refused that a recording cannot do without, it is named, and nothing is recorded."""
    both = "sys_exit_btf:sys_exit_raw:"
    for refused, name in (({"load": both}, "sys_exit_raw"), ({"load": "process_exit:"}, "process_exit"),
                          ({"attach": "sched_process_exit:"}, "process_exit"),
                          ({"load": "process_fork:signal_deliver:"}, "process_fork")):
        r = refusing(["-o", "needed.eyas", "--", "true"], **refused)
        assert r.returncode == 4 and not os.path.exists("needed.eyas"), r.stderr
        assert re.search(rf"error: this kernel refused the driver's program {name} \(.*\), which a recording cannot do "
                         "without: ", r.stderr), r.stderr
    # nobody's children are followed: that program is not even tried
    if os.uname().machine == "x86_64":
        r = refusing(["-o", "unneeded.eyas", "-d", "0.2s"], load="process_fork:process_free:")
        assert r.returncode == 0 and "[DRIVER]" not in r.stderr, r.stderr
    r = refusing(["-o", "raw.eyas", "--", "true"], load="sys_enter_btf:")
    assert r.returncode == 0 and "no typed tracepoints" in r.stderr, r.stderr


# What a kernel lacks that was built without a part of it: structures, or members.
LEFT_OUT = {
    "CONFIG_IPV6": ("skc_v6_daddr", "skc_v6_rcv_saddr"),
    "CONFIG_UNIX": ("unix_sock", "unix_address"),
    "CONFIG_TTY": ("tty", "tty_struct", "tty_driver"),
    "CONFIG_CGROUPS": ("cgroups", "css_set", "cgroup_subsys_state", "cgroup_subsys", "cgroup"),
    "CONFIG_AUDIT": ("loginuid",),
    "CONFIG_NET": ("sock", "sock_common", "socket", "inet_sock", "unix_sock", "unix_address"),
}

USES_ALL = """
import os, socket
pair = socket.socketpair(socket.AF_UNIX)
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.connect(("::1", 9))
t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
t.connect(("127.0.0.1", 9))
os.execv("/bin/true", ["true"])
"""


def without_config(names, path):
    """The types of this kernel as if it had been built without these: what they bring has other names."""
    with open("/sys/kernel/btf/vmlinux", "rb") as f:
        types = f.read()
    for name in names:
        for word in LEFT_OUT[name]:
            types = types.replace(b"\0" + word.encode() + b"\0", b"\0" + b"?" * len(word) + b"\0")
    with open(path, "wb") as f:
        f.write(types)


def a_kernel_that_was_built_without_something_is_recorded_without_it():
    """What a kernel was built without is left out, said, and in the trace; the rest is recorded."""
    cases = [("CONFIG_IPV6", "CONFIG_UNIX", "CONFIG_TTY", "CONFIG_CGROUPS", "CONFIG_AUDIT"), ("CONFIG_NET",),
             ("CONFIG_IPV6",)]
    for i, left_out in enumerate(cases):
        for form in ("typed", "raw"):
            trace = f"without{i}-{form}.eyas"
            without_config(left_out, "types")
            env = dict(os.environ, EYAS_BTF=os.path.abspath("types"))
            if form == "raw":
                env["EYAS_RAW_TRACEPOINTS"] = "1"
            r = capture("-o", trace, "--", sys.executable, "-c", USES_ALL, env=env)
            said = {m.group(1): m.group(2) for m in re.finditer(r"built without (\w+): (.*) \[", r.stderr)}
            assert r.returncode == 0 and set(said) == set(left_out), r
            assert [x for x in missing_of(trace) if "not recorded" in x] == list(said.values()), (missing_of(trace), said)
            lines, _ = events(trace, fmt="*%evt.type %evt.rawres %evt.arg.tuple", condition="evt.type=connect")
            tuples = [x.split(None, 2)[2] for x in lines if not x.endswith("<NA>")]
            assert any("127.0.0.1:9" in x for x in tuples) == ("CONFIG_NET" not in left_out), lines
            lines, _ = events(trace, fmt="*%evt.rawres %proc.exepath %evt.arg.cgroups %evt.arg.loginuid",
                              condition="evt.type=execve and proc.name=true")
            found = [x.split() for x in lines if x.startswith("0 ")]
            exe = os.path.realpath("/bin/true")
            assert found and found[-1][1] == exe, lines
            assert ("=/" in found[-1][2]) == ("CONFIG_CGROUPS" not in left_out), lines
            if "CONFIG_AUDIT" in left_out:
                assert found[-1][3] == "<NONE>", lines


def blocks(pcapng):
    """(type, body) of each block of a little-endian pcapng."""
    with open(pcapng, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        assert size >= 12 and size % 4 == 0 and struct.unpack_from("<I", data, at + size - 4)[0] == size, (at, size)
        yield kind, data[at + 8:at + size - 4]
        at += size


# A connection over the loopback.
TALK = """
import os, socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
c = socket.create_connection(s.getsockname())
a, _ = s.accept()
c.sendall(b"two words")
a.recv(100)
print(os.getpid())
"""


def packets_are_recorded_with_their_owners():
    """--packets puts packets among the calls in order of time; convert gives them back with the process"""
    if subprocess.run([*OWN_NETWORK, "true"], capture_output=True).returncode != 0:
        return "no network namespace with a loopback interface can be made"
    r = capture("--packets", "lo,tcp", "-o", "packets.eyas", "--", sys.executable, "-c", TALK, behind=OWN_NETWORK)
    if "CAP_NET_RAW is missing" in r.stderr:
        return "no CAP_NET_RAW"
    assert r.returncode == 0, r.stderr
    pid = r.stdout.strip()
    subprocess.run([EYAS, "convert", "-f", "packets.eyas", "packets.pcapng"], check=True)
    found = list(blocks("packets.pcapng"))
    mine = [b for k, b in found if k == 6 and f"({pid})".encode() in b]
    assert [k for k, b in found][:3] == [0x0a0d0d0a, 1, 6], found[:3]
    assert len([b for b in mine if b"two words" in b and b"client: " in b and b"server: " in b]) == 1, found
    times = [struct.unpack_from("<II", b, 4) for b in mine]
    assert len(mine) >= 5 and times == sorted(times), times
    lines, _ = events("packets.eyas", fmt="*%evt.rawtime %evt.type %proc.pid")
    order = [x.split()[1] for x in lines if x.split()[1] == "packet" or x.endswith(" " + pid)]
    first, last = order.index("packet"), order.index("accept4")
    assert "socket" in order[:first] and "packet" in order[first:last] and "recvfrom" in order[last:], order[first:]
    if shutil.which("tcpdump"):
        out = subprocess.run(["tcpdump", "-nr", "packets.pcapng"], capture_output=True, text=True)
        n = len([b for k, b in found if k == 6])
        assert out.returncode == 0 and len(out.stdout.splitlines()) == n, out
    return None


def wrong_packets_are_said():
    """an interface that is not there and a wrong filter are said before anything is recorded"""
    r = capture("--packets", "nosuch0", "-o", "wrong.eyas", "--", "true")
    assert r.returncode == 4 and "nosuch0" in r.stderr and "there are any, " in r.stderr, r.stderr
    r = capture("--packets", "lo,no filter", "-o", "wrong.eyas", "--", "true")
    assert r.returncode == 4 and "filter 'no filter' of lo" in r.stderr, r.stderr
    assert not os.path.exists("wrong.eyas")


HELPERS = (blocks, as_nobody, file_capabilities, refusing, stands_still, stop_counter, without_config)  # the others here are tests
TESTS = [v for v in list(globals().values())
         if callable(v) and v.__doc__ and v.__module__ == "__main__" and v not in HELPERS]


def main():
    with open("always.yaml", "w") as f:
        f.write("- rule: r\n  desc: d\n  condition: evt.type=execve\n  output: x\n  priority: DEBUG\n")
    return run_tests(TESTS, ONLY)


sys.exit(main())
