"""The host as a recording has it is the host as ps, lsof and ss show it at that moment. TAP.

Other programs run meanwhile. Each tool is asked twice, and what both answers agree on was so all the time between them:
that must be what eyas says of a time between them, and eyas must say nothing that neither answer has. Judged are the
processes that did nothing meanwhile, by the same recording, and the holders that the test starts. What differs for a
reason is named by a function explained_*(), and by nothing else.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

from recording import EYAS, PATIENCE, finish, info, recording, run_tests, start, wait_for

WORK = sys.argv[1]
ONLY = sys.argv[2:]

os.chdir(WORK)

# Holds a descriptor of each kind, has a thread and children: one that inherited all, one that is another user, one that
# executed another program. Writes NAME.ready and waits for "enough".
HOLDER = r"""
import ctypes, os, select, signal, socket, sys, threading, time
name = sys.argv[1]
os.chdir("/usr")
keep = [open("/etc/passwd"), open(name + ".txt", "w"), open(name + ".txt", "a+"), open("/dev/null", "r+b", buffering=0)]
gone = open(name + ".gone", "w+")
os.unlink(name + ".gone")
keep += [gone, os.open("/usr", os.O_RDONLY | os.O_DIRECTORY), os.pipe(), os.pipe()]
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen()
client = socket.socket(); client.connect(listener.getsockname()); server = listener.accept()[0]
six = socket.socket(socket.AF_INET6)
try:
    six.bind(("::1", 0)); six.listen()
except OSError:
    pass
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); to.connect(udp.getsockname())
un = socket.socket(socket.AF_UNIX); un.bind(name + ".sock"); un.listen()
pair = socket.socketpair()
epoll = select.epoll()
libc = ctypes.CDLL(None, use_errno=True)
libc.eventfd(0, 0); libc.inotify_init1(0); libc.timerfd_create(1, 0)
mask = (ctypes.c_ulong * 16)(); libc.signalfd(-1, ctypes.byref(mask), 0)
os.dup2(client.fileno(), 60); os.dup(udp.fileno())
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
children = []
def child(work):
    pid = os.fork()
    if not pid:
        work()
        signal.pause()
    children.append(pid)
child(lambda: None)
child(lambda: (os.setgid(65534), os.setuid(65534)))
child(lambda: os.execvp("sleep", ["sleep", "36 00".replace(" ", ""), ]))
time.sleep(0.5)
open(name + ".ready", "w").close()
while not os.path.exists(os.path.join(os.path.dirname(name), "enough")):
    time.sleep(0.05)
for c in children:
    os.kill(c, 9)
    os.waitpid(c, 0)
"""


def rows(*args):
    r = subprocess.run([EYAS, *args, "--json"], capture_output=True, text=True, errors="replace", timeout=PATIENCE)
    assert r.returncode == 0, f"eyas {args[0]}: exit {r.returncode}: {r.stderr[:300]}"
    return [json.loads(x) for x in r.stdout.splitlines()]


def output(*args):
    r = subprocess.run(args, capture_output=True, text=True, errors="replace", timeout=PATIENCE)
    return r.stdout


def start_time(pid):
    """In clock ticks since boot: tells processes of the same number apart; None when it has gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def ask_ps():
    """(pid, start) -> what ps says of it."""
    found = {}
    for line in output("ps", "-eww", "-o", "pid=,ppid=,uid=,nlwp=,stat=,tty=,args=").splitlines():
        pid, ppid, uid, nlwp, stat, tty, args = (line.split(None, 6) + [""])[:7]
        found[int(pid), start_time(pid)] = {"ppid": int(ppid), "uid": int(uid), "threads": int(nlwp), "stat": stat,
                                            "tty": tty, "args": args}
    return found


def ask_lsof():
    """(pid, descriptor) -> what lsof says of it."""
    found, pid, row = {}, None, None
    for line in output("lsof", "-nP", "-F", "pftain").splitlines():
        key, value = line[0], line[1:]
        if key == "p":
            pid = int(value)
        elif key == "f":
            row = {}
            if value.isdigit():
                found[pid, int(value)] = row
        elif row is not None:
            row[key] = value
    return found


def ask_ss():
    """Sockets that processes hold: (protocol, local, peer) -> state and holders."""
    found = {}
    for line in output("ss", "-tunapH").splitlines():
        words = line.split()
        if len(words) < 7:
            continue  # nobody's: what the kernel keeps for itself (TIME-WAIT)
        holders = {(int(p), int(f)) for p, f in re.findall(r"pid=(\d+),fd=(\d+)", words[6])}
        found[words[0], words[4], words[5]] = (words[1], holders)
    return found


def comparable(text):
    """As ps prints it: a blank for the end of a line, a question mark for what else is not printable, or one for each of
    its bytes."""
    return " ".join(re.sub(r"\?+", "?", re.sub(r"[^ -~]", "?", text.replace("\n", " "))).split())


def is_kernel_thread(pid, ps):
    return pid == 2 or ps["ppid"] == 2


# ---- differences that have a reason ---------------------------------------------------------------------------------

def explained_missing_process(ps):
    """A zombie has ended: only its parent has not asked yet."""
    return ps["stat"].startswith("Z")


def explained_command(pid, ps, row):
    """Programs write over their arguments, and the kernel's threads name themselves after what they do just now; neither
    is a system call. Of the former, what was executed is known still."""
    if is_kernel_thread(pid, ps):
        return True
    # A recording keeps the first 4096 bytes of a command line.
    if len(row["command"]) >= 4000 and comparable(ps["args"]).startswith(comparable(row["command"])[:4000]):
        return True
    with open(f"/proc/{pid}/cmdline", "rb") as f:
        text = f.read().rstrip(b"\0").decode("utf-8", "replace")
    return row.get("started") is not None and "\0" not in text and len(row.get("argv", [])) != 1


def explained_extra_process(row, since):
    """It lived between the two answers."""
    return row.get("started", "") >= since


def explained_type(lsof, row):
    """lsof knows devices by their inode's mode and names kinds of its own."""
    same = {"REG": "file", "CHR": "file", "BLK": "file", "DIR": "directory", "FIFO": "pipe", "IPv4": "ipv4",
            "IPv6": "ipv6", "unix": "unix", "netlink": "netlink"}
    kind = same.get(lsof.get("t"))
    if kind == row["type"]:
        return True
    # An IPv6 socket whose ends are IPv4 addresses is shown as what it is used for.
    if lsof.get("t") == "IPv6" and row["type"] == "ipv4":
        return True
    # A named pipe is opened by its path, as a file is. A bpf call's result is taken for a descriptor whatever it is, as
    # Falco does, since rules must see the same.
    if (lsof.get("t"), row["type"]) == ("FIFO", "file") or row["type"] == "bpf":
        return True
    # A file without a name is opened by its directory, with flags that say directory, too.
    if row["type"] == "directory" and "O_TMPFILE" in row.get("flags", "") and lsof.get("t") == "REG":
        return True
    # What has no type of its own is an anonymous inode, named in brackets.
    if lsof.get("t", "").startswith("a_inode") or lsof.get("t") in ("REG", "unknown", None):
        return row["type"] in ("event", "eventpoll", "inotify", "timerfd", "signalfd", "bpf", "userfaultfd", "io_uring",
                               "memfd", "pidfd", "unknown", "file")
    # Sockets of other families (packet, vsock, ...) are not told apart.
    return lsof.get("t") in ("sock", "pack", "raw", "raw6") and row["type"] in ("unknown", "unsupported")


def explained_name(lsof, row):
    """Names of files: a name that has gone is marked by lsof; sockets and pipes are compared elsewhere."""
    if lsof.get("t") not in ("REG", "DIR", "CHR"):
        return True
    name = re.sub(r" \((deleted|stat: .*)\)$", "", lsof.get("n", ""))
    mine = re.sub(r" \(deleted\)$", "", row.get("name", ""))
    if comparable(mine) == comparable(name.replace("\\n", "?")) or name.startswith("/memfd:") or "\\x" in name:
        return True
    # A file is named as it was opened, through links and by any path; both must be the same file.
    try:
        a, b = os.stat(mine), os.stat(f"/proc/{row['pid']}/fd/{row['fd']}")
        return (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
    except OSError:
        return False


def explained_missing_socket(state):
    """A TCP socket that is neither bound nor connected has no row in ss; others that wait for their end have no peer any
    more that a call would have told of."""
    return state not in ("LISTEN", "ESTAB", "UNCONN")


def explained_transient(key, row, m):
    """It was opened, closed or both between the two answers, by the same recording."""
    return any(not any((r["pid"], r.get("fd")) == key and r.get("name") == row.get("name") for r in rows_then)
               for rows_then in (m.fds_first, m.fds_last))


def explained_recorder(pid, m):
    """The recorder does not record itself: it is as its own snapshot found it, at work."""
    return pid == m.recorder


def explained_port(row):
    """The kernel chose the port when the socket was bound to port 0: no call tells which."""
    return row["local"].endswith(":*")


def explained_unreadable(lsof):
    """What the sandbox around a process does not let even root read: lsof and the recorder see the number only."""
    return "Permission denied" in lsof.get("n", "")


# ---- the comparison -------------------------------------------------------------------------------------------------

class Moment:
    """Both answers of the tools, and eyas's of the time between them."""


def record_a_moment():
    """Records the whole system with a holder from before and one from after the beginning; None when it lost events."""
    for f in ("enough", "old.ready", "new.ready"):
        if os.path.exists(f):
            os.unlink(f)
    trace = "live.eyas"
    if os.path.exists(trace):
        os.unlink(trace)
    holders = [subprocess.Popen([sys.executable, "-c", HOLDER, os.path.join(WORK, "old")])]
    assert wait_for(lambda: os.path.exists("old.ready")), "the first holder does not come to its end"
    recorder = start("-o", trace)
    try:
        assert recording(recorder.pid), "the recorder does not record: " + recorder.stderr.read()
        holders.append(subprocess.Popen([sys.executable, "-c", HOLDER, os.path.join(WORK, "new")]))
        assert wait_for(lambda: os.path.exists("new.ready")), "the second holder does not come to its end"
        m = Moment()
        m.first = "@%.9f" % time.time()
        m.since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        m.ps1, m.lsof1, m.ss1 = ask_ps(), ask_lsof(), ask_ss()
        time.sleep(0.05)
        m.at = "@%.9f" % time.time()
        time.sleep(0.05)
        m.ss2, m.lsof2, m.ps2 = ask_ss(), ask_lsof(), ask_ps()
        m.last = "@%.9f" % time.time()
        finish(recorder, signal.SIGINT)
        m.ps = rows("ps", "--at", m.at, trace)
        m.fds = rows("fds", "--at", m.at, trace)
        m.fds_first, m.fds_last = (rows("fds", "--at", at, trace) for at in (m.first, m.last))
        # Whoever did something while the tools were asked is not judged, but for the holders, who only wait.
        active = {r["key"]["proc.pid"] for r in
                  rows("top", "--by", "proc.pid", "-n", "0", "--since", m.first, "--until", m.last, trace) if "key" in r}
        m.holders = {h.pid for h in holders}
        m.holders |= {r["pid"] for r in m.ps if r.get("ppid") in m.holders}
        m.judged = {r["pid"] for r in m.ps} - active | m.holders
        m.net = rows("net", "--at", m.at, trace)
        # While the processes are still there: what explains a difference is looked at in /proc.
        m.recorder = recorder.pid
        m.problems = {"ps": compare_ps(m), "fds": compare_fds(m), "net": compare_net(m)}
        m.lost = not re.search(r"lost +none recorded", info(trace))
        return m
    finally:
        open("enough", "w").close()
        if recorder.poll() is None:
            recorder.kill()
            recorder.communicate()
        for h in holders:
            h.wait(timeout=PATIENCE)


def compare_ps(m):
    problems = []
    mine = {r["pid"]: r for r in m.ps}
    # Not ps itself, and nothing that one of the answers does not have or that changed between them.
    stable = {k[0]: v for k, v in m.ps1.items()
              if k[1] and k in m.ps2 and {**v, "stat": ""} == {**m.ps2[k], "stat": ""} and
              explained_missing_process(v) == explained_missing_process(m.ps2[k])}
    m.stable = stable
    for pid, ps in sorted(stable.items()):
        row = mine.get(pid)
        if explained_missing_process(ps):
            continue
        if not row:
            problems.append(f"process {pid} ({ps['args'][:60]}) is missing")
            continue
        for key in ("ppid", "uid", "threads"):
            if row.get(key) != ps[key]:
                problems.append(f"process {pid} ({ps['args'][:60]}): {key} is {row.get(key)}, ps says {ps[key]}")
        if row.get("tty", "?") != ps["tty"]:
            problems.append(f"process {pid} ({ps['args'][:60]}): tty is {row.get('tty')}, ps says {ps['tty']}")
        if comparable(row["command"]) != comparable(ps["args"]) and not explained_command(pid, ps, row):
            problems.append(f"process {pid}: command is {row['command']!r}, ps says {ps['args']!r}")
    known = {k[0] for k in m.ps1} | {k[0] for k in m.ps2}
    for pid, row in sorted(mine.items()):
        if pid not in known and pid in m.judged and not explained_extra_process(row, m.since):
            problems.append(f"process {pid} ({row}) is there, ps does not have it")
    return problems


def compare_fds(m):
    problems, compared = [], 0
    mine = {(r["pid"], r["fd"]): r for r in m.fds if "fd" in r}
    quiet = {pid for pid in m.stable if pid in m.judged and
             {k for k in m.lsof1 if k[0] == pid} == {k for k in m.lsof2 if k[0] == pid}}
    for key, lsof in sorted(m.lsof1.items()):
        if key[0] not in m.stable or key[0] not in m.judged or m.lsof2.get(key) != lsof or explained_unreadable(lsof):
            continue
        row = mine.get(key)
        compared += 1
        if not row:
            problems.append(f"descriptor {key} ({lsof.get('t')} {lsof.get('n')}) is missing")
        elif not explained_type(lsof, row):
            problems.append(f"descriptor {key}: type is {row['type']}, lsof says {lsof.get('t')} ({lsof.get('n')})")
        elif not explained_name(lsof, row):
            problems.append(f"descriptor {key}: name is {row.get('name')!r}, lsof says {lsof.get('n')!r}")
        elif row.get("inode") and lsof.get("i") and row["type"] in ("file", "directory") and \
                str(row["inode"]) != lsof["i"]:
            problems.append(f"descriptor {key} ({lsof.get('n')}): inode is {row['inode']}, lsof says {lsof['i']}")
    for key, row in sorted(mine.items()):
        if key[0] in quiet and key not in m.lsof1 and not explained_transient(key, row, m) and \
                not explained_recorder(key[0], m):
            problems.append(f"descriptor {key} ({row['type']} {row.get('name')}) is there, lsof does not have it")
    m.compared_fds = compared
    return problems


def ss_end(text):
    """As eyas writes ends: 127.0.0.1:80, [::1]:80, without an interface's name; a mapped IPv4 address as such."""
    text = re.sub(r"%[^\]:]+", "", text)
    text = re.sub(r"^\*:", "[::]:", text) if text.startswith("*:") and text != "*:*" else text
    m = re.match(r"^\[::ffff:([\d.]+)\]:(.*)$", text)
    return f"{m.group(1)}:{m.group(2)}" if m else text


def compare_net(m):
    problems, compared = [], 0
    mine = {}
    for r in m.net:
        for p in r["processes"]:
            mine[p["pid"], p["fd"]] = r
    for (protocol, local, peer), (state, holders) in sorted(m.ss1.items()):
        if m.ss2.get((protocol, local, peer)) != (state, holders) or explained_missing_socket(state):
            continue
        for holder in sorted(holders):
            if holder[0] not in m.stable or holder[0] not in m.judged:
                continue
            row = mine.get(holder)
            what = f"socket {protocol} {local} {peer} of {holder}"
            compared += 1
            if not row:
                problems.append(f"{what} is missing")
                continue
            want_peer = None if re.search(r":\*$", peer) else ss_end(peer)
            got = (row["protocol"], row["state"], row.get("peer"))
            if got != (protocol, state, want_peer):
                problems.append(f"{what}: is {got}, ss says {(protocol, state, want_peer)}")
            want, mine_end = ss_end(local), row["local"]
            if explained_port(row):
                want, mine_end = want.rpartition(":")[0], mine_end.rpartition(":")[0]
            if mine_end != want:
                problems.append(f"{what}: local end is {row['local']}")
    m.compared_sockets = compared
    return problems


MOMENT = []


def moment():
    """One recording for all tests; again when it lost events, as a busy machine makes it."""
    for _ in range(4):
        if MOMENT and not MOMENT[0].lost:
            break
        MOMENT[:] = [record_a_moment()]
    return MOMENT[0]


def check(which):
    m = moment()
    if m.lost:
        return "this machine is too busy: events were lost in each of several recordings"
    problems = m.problems[which]
    for p in problems[:40]:
        print("# " + p)
    assert not problems, f"{len(problems)} differences"
    return None


def processes_are_those_of_ps():
    """The processes at a moment, with parent, user, threads, terminal and command line, are those of ps."""
    r = check("ps")
    assert r or len(moment().holders & set(moment().stable)) == 8, "not all holders were compared"
    return r


def descriptors_are_those_of_lsof():
    """The open descriptors at a moment, with type, name and inode, are those of lsof."""
    r = check("fds")
    assert r or moment().compared_fds >= 100, f"only {moment().compared_fds} descriptors were compared"
    return r


def sockets_are_those_of_ss():
    """The sockets at a moment, with state, both ends and who holds them, are those of ss."""
    r = check("net")
    assert r or moment().compared_sockets >= 10, f"only {moment().compared_sockets} sockets were compared"
    return r


sys.exit(run_tests([processes_are_those_of_ps, descriptors_are_those_of_lsof, sockets_are_those_of_ss], ONLY))
