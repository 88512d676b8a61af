"""The recorder where something is missing, closed, full, set or ignored: it goes on, or says what is wrong. TAP."""
import os
import re
import resource
import signal
import subprocess
import sys
import time

from recording import (CAPTURE, EYAS, PATIENCE, capture, contiguous, counter, events, finish, recording, run_tests,
                       sequence, start, status_of, wait_for)

WORK = sys.argv[1]
ONLY = sys.argv[2:]  # names of tests
HERE = os.path.dirname(os.path.abspath(sys.argv[0]))

os.chdir(WORK)


def verify(trace):
    """The verdict."""
    out = subprocess.run([EYAS, "verify", trace], capture_output=True, text=True).stdout
    return out.splitlines()[0].rsplit(": ", 1)[1], out


def own_mounts(script, *args):
    """The recorder behind a script with mounts of its own."""
    return capture(*args, behind=("unshare", "--mount", "sh", "-c", script + ' && exec "$@"', "sh"))

# ---- the tests: their doc string is the claim -----------------------------------------------------------------------

def nothing_is_written_into_the_trace_but_the_trace():
    """Started without standard input, output and error, the recorder's and the command's words do not get into the trace."""
    for i, closed in enumerate(("0<&- 1>&- 2>&-", "2>&-", "0<&- 2>&-", "1>&-")):
        trace = f"closed{i}.eyas"
        r = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", CAPTURE, "-o", trace, "--",
                            "sh", "-c", "echo out; echo err >&2; ls -l /proc/self/fd"], timeout=PATIENCE,
                           capture_output=True)
        assert verify(trace)[0] == "good", (closed, verify(trace)[1])
        assert r.returncode in (0, 1, 2), r  # echo and ls fail as they do without a recorder


def quiet_is_quiet():
    """With -q nothing is said of what could not be read, with none and without rights; errors still are."""
    r = capture("-q", "-o", "quiet.eyas", "-d", "0.2s")
    assert r.returncode == 0 and r.stderr == "", r
    r = capture("-q", "-o", "quiet.eyas", "-d", "0.2s")
    assert r.returncode == 4 and "File exists" in r.stderr, r


def ignored_hangup_stays_ignored():
    """Started with SIGHUP ignored, as by nohup, recorder and command go on behind one; SIGTERM ends it cleanly."""
    p = start("-q", "-o", "hup.eyas", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert recording(p.pid)
    p.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert p.poll() is None, "it has ended"
    finish(p, signal.SIGTERM)
    assert p.returncode == 0 and verify("hup.eyas")[0] == "good"
    r = capture("-q", "-o", "hup2.eyas", "--", "sh", "-c", "kill -HUP $$; exit 5",
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert r.returncode == 5, r


def full_disk_ends_at_a_whole_block():
    """What a full disk lets in of a block is taken back: the trace ends with a whole one, also behind what was there."""
    os.mkdir("disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", "disk"], capture_output=True).returncode:
        return "no tmpfs can be mounted"
    try:
        r = capture("-o", "disk/a.eyas", "--", *counter(PATIENCE, 0.05, 64, 5000))
        assert r.returncode == 4 and "disk is full" in r.stderr, r
        verdict, out = verify("disk/a.eyas")
        assert verdict == "unfinished", out
        contiguous(sequence("disk/a.eyas", status=(0, 3)))
        os.unlink("disk/a.eyas")
        with open("disk/b", "wb") as f:
            f.write(b"before\n")
        with open("disk/b", "ab") as f:
            r = subprocess.run([CAPTURE, "-q", "-o", "-", "--", *counter(PATIENCE, 0.05, 64, 5000)], stdout=f,
                               stderr=subprocess.PIPE, timeout=PATIENCE, text=True)
        assert r.returncode == 4 and "disk is full" in r.stderr, r
        with open("disk/b", "rb") as f, open("behind.eyas", "wb") as to:
            assert f.read(7) == b"before\n"
            to.write(f.read())
        verdict, out = verify("behind.eyas")
        assert verdict == "unfinished", out
    finally:
        subprocess.run(["umount", "disk"], check=True)
    return None


def disk_that_is_full_from_the_start():
    """A disk without any room: an error and no empty file; with --on-full drop the file is begun once there is room."""
    os.makedirs("none", exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", "none"], capture_output=True).returncode:
        return "no tmpfs can be mounted"
    try:
        with open("none/ballast", "wb") as f:
            f.write(b"x" * (16 << 20))
        r = capture("-o", "none/t.eyas", "-d", "1")
        assert r.returncode == 4 and "the disk is full: nothing is recorded" in r.stderr, r
        assert os.listdir("none") == ["ballast"], os.listdir("none")
        p = start("-o", "none/t.eyas", "--on-full", "drop", "--", *counter(PATIENCE, 0.05), stdout=subprocess.PIPE)
        assert recording(p.pid)
        os.unlink("none/ballast")
        assert wait_for(lambda: os.path.exists("none/t.eyas"))
        time.sleep(1)
        open("stop", "w").close()
        out, err = finish(p)
        os.unlink("stop")
        assert p.returncode == 0 and os.listdir("none") == ["t.eyas"], (p.returncode, err, os.listdir("none"))
        assert verify("none/t.eyas")[0] == "good" and "the disk was full" in err, err
        numbers = sequence("none/t.eyas")
        contiguous(numbers)
        assert numbers[-1] == int(out.split()[-1]), "the end is missing"
    finally:
        subprocess.run(["umount", "none"], check=True)
    return None


def file_size_limit_is_an_error():
    """A limit of file sizes ends the recording with a message, not by a signal, and with a trace of whole blocks."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (32768, 32768))
    r = capture("-o", "limit.eyas", "--", *counter(PATIENCE, 0.05, 64, 5000), preexec_fn=limit)
    assert r.returncode == 4 and "File too large" in r.stderr, r
    assert verify("limit.eyas")[0] == "unfinished", verify("limit.eyas")[1]


def few_open_files():
    """A low limit of open files is raised as far as it may be, for the recorder alone; else the message names it."""
    r = capture("-q", "-o", "files.eyas", "--", "sh", "-c", "ulimit -n",
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 4096)))
    assert r.returncode == 0 and r.stdout == "16\n", r
    for n in (8, 16):
        r = capture("-q", "-o", "few.eyas", "-d", "1",
                    preexec_fn=lambda n=n: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))
        assert r.returncode == 4 and "ulimit -n" in r.stderr and len(r.stderr.splitlines()) == 1, r
    assert not os.path.exists("few.eyas")


def no_proc_no_sys():
    """Without /proc or /sys nothing is recorded, and it is said what is missing, by the recorder alone."""
    if own_mounts("mount -t tmpfs none /mnt", "--version").returncode:
        return "no tmpfs can be mounted"
    for where, what in (("/proc", "error: /proc: no process is in it"),
                        ("/sys", "error: how many CPUs there are cannot be read"),
                        ("/sys/kernel/btf", "error: this kernel has no BTF")):
        for command in ((), ("--", "true")):
            r = own_mounts(f"mount -t tmpfs none {where}", "-q", "-o", "missing.eyas", "-d", "1", *command)
            assert r.returncode == 4 and r.stderr.startswith(what) and len(r.stderr.splitlines()) == 1, (where, r)
            if os.path.exists("missing.eyas"):
                os.unlink("missing.eyas")
    r = capture("-q", "-o", "userns.eyas", "-d", "1", behind=("unshare", "--user", "--map-root-user"))
    assert r.returncode == 4 and "user namespace" in r.stderr, r
    return None


def series_goes_on_behind_what_is_there():
    """A recorder with -G or -C that is started anew leaves the files there and numbers its own behind them."""
    os.mkdir("series")
    for number in ("000001", "000041"):
        with open("series/t.eyas." + number, "w") as f:
            f.write("kept")
    with open("series/fixed-name", "w") as f:
        f.write("kept")
    assert capture("-q", "-G", "1", "-d", "1500ms", "-o", "series/t.eyas").returncode == 0
    found = sorted(os.listdir("series"))
    assert found[:5] == ["fixed-name", "t.eyas.000001", "t.eyas.000041", "t.eyas.000042", "t.eyas.000043"], found
    assert capture("-q", "-C", "1000", "-d", "200ms", "-o", "series/fixed%%name").returncode == 0
    assert capture("-q", "-C", "1000", "-d", "200ms", "-o", "series/fixed%%name").returncode == 0
    found = sorted(x for x in os.listdir("series") if "%" in x)
    assert found == ["fixed%name", "fixed%name.000001"], found
    for name in ("t.eyas.000001", "fixed-name"):
        with open("series/" + name) as f:
            assert f.read() == "kept"


def clock_set_while_recording(by):
    """Starts a recorder before whose eyes the wall clock is set."""
    source = os.path.join(HERE, "set_clock.c")
    if not os.path.exists("set_clock.so"):
        subprocess.run([*os.environ.get("CC", "cc").split(), "-O1", "-shared", "-fPIC", "-o", "set_clock.so", source],
                       check=True)
    return dict(os.environ, LD_PRELOAD=os.path.abspath("set_clock.so"), SET_CLOCK=str(by),
                ASAN_OPTIONS="verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""))


def clock_is_set(by):
    name = f"clock{by}.eyas"
    before = time.monotonic()
    p = start("-q", "-d", "6", "-o", name, env=clock_set_while_recording(by))
    assert recording(p.pid)
    time.sleep(3.5)
    half = os.path.getsize(name)
    assert wait_for(lambda: os.path.getsize(name) > half, 2.4), "no block is written any more"
    finish(p)
    assert p.returncode == 0 and 5 < time.monotonic() - before < 30, time.monotonic() - before
    times = [int(x) for x in events(name, fmt="*%evt.rawtime")[0]]
    assert times and max(times) - min(times) < 60e9, (min(times), max(times))
    name = f"rows{by}.eyas"
    assert capture("-q", "-d", "5", "-G", "1", "-o", name, env=clock_set_while_recording(by)).returncode == 0
    files = sorted(x for x in os.listdir(".") if x.startswith(name + "."))
    assert len(files) >= 4, files
    times = [[int(x) for x in events(f, fmt="*%evt.rawtime")[0]] for f in files]
    times = [x for x in times if x]
    now = time.time() * 1e9
    assert all(max(x) - min(x) < 60e9 for x in times), [(min(x), max(x)) for x in times]
    assert abs(times[0][0] - now) < 600e9, (times[0][0], now)
    assert abs(times[-1][0] - by * 1e9 - now) < 600e9, (times[-1][0], now)


def wall_clock_may_be_set():
    """When the wall clock is set, blocks, -d and -G keep their time; the next file has the new one."""
    # Somebody has to do something: on an idle machine there would be nothing to record.
    with subprocess.Popen(counter(PATIENCE, 0.05), stdout=subprocess.DEVNULL) as busy:
        try:
            for by in (-86400, 86400):
                clock_is_set(by)
        finally:
            busy.kill()


def wrong_values_are_named():
    """A wrong value of an option: which option, which value, what it takes."""
    for args, word in ((("-d", "0"), "--duration"), (("--level", "25"), "--level"), (("-W", "x"), "--max-files"),
                       (("-C", "0.5"), "--max-size"), (("--fsync=maybe",), "--fsync"), (("--pid", "0"), "--pid")):
        r = capture(*args, "-o", "wrong.eyas")
        value = args[-1].split("=")[-1]
        assert r.returncode == 2 and re.match(f"eyas-capture: '{re.escape(value)}' is not what {word} takes: ",
                                              r.stderr), r
    r = capture("--uid", "no-such-user", "-o", "wrong.eyas")
    assert r.returncode == 2 and "there is no user 'no-such-user'" in r.stderr, r
    assert not os.path.exists("wrong.eyas")


HELPERS = (clock_is_set, clock_set_while_recording, own_mounts, verify)
TESTS = [v for v in list(globals().values())
         if callable(v) and v.__doc__ and v.__module__ == "__main__" and v not in HELPERS]
sys.exit(run_tests(TESTS, ONLY))
