"""--container, on containers made by hand as the runtimes make them: namespaces and a control group of the runtime's name. TAP."""
import os
import signal
import subprocess
import sys

from recording import PATIENCE, capture, contiguous, events, finish, recording, run_tests, script_rows, start, wait_for

WORK = sys.argv[1]
ONLY = sys.argv[2:]

os.chdir(WORK)

IDS = {n: (f"{n:02x}5e" + "0123456789abcdef" * 4)[:64] for n in range(0x10, 0x16)}
POD = "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1f2e3d4c_5b6a_7980_a1b2_c3d4e5f60718.slice"

# Where each runtime puts a container's processes, and groups of the runtime itself beside it.
RUNTIMES = {
    "docker": (f"system.slice/docker-{IDS[0x10]}.scope", IDS[0x10], []),
    "docker without systemd": (f"docker/{IDS[0x11]}", IDS[0x11], []),
    "containerd in Kubernetes": (f"{POD}/cri-containerd-{IDS[0x12]}.scope", IDS[0x12], []),
    "CRI-O": (f"{POD}/crio-{IDS[0x13]}.scope", IDS[0x13], [f"{POD}/crio-conmon-{IDS[0x13]}.scope"]),
    "podman": (f"machine.slice/libpod-{IDS[0x14]}.scope/container", IDS[0x14],
               [f"machine.slice/libpod-conmon-{IDS[0x14]}.scope"]),
}
MARKERS = ("mine", "other", "beside")
OTHER = f"system.slice/docker-{IDS[0x15]}.scope"

# Into a control group, then into namespaces, as a runtime does it. The first process of the container waits to be told to
# go, by itself (a program that ends while the snapshot is taken is not known to it); then it counts and starts programs
# until there is "enough".
ENTER = 'for d in $1; do echo $$ >"$d/cgroup.procs" || exit 9; done; shift; exec "$@"'
NAMESPACES = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child", "--mount-proc"]
INSIDE = """
: >"$1.ready"
read go <"$1.go"
n=0
while [ ! -e enough ]; do
    printf "$1 seq $n" >/dev/null
    n=$((n + 1))
    [ $n != 10 ] || : >"$1.ten"
    /bin/cat /proc/self/stat >/dev/null
    sleep 0.02
done
echo $n >"$1.n.new"
mv "$1.n.new" "$1.n"
"""


def hierarchies():
    """Where control groups are mounted, version 2 first; None without it."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8") as f:
        for line in f:
            words = line.split()
            kind = words[words.index("-") + 1]
            if kind == "cgroup2":
                found.insert(0, words[4])
            elif kind == "cgroup" and "cpuset" not in words[-1]:  # which wants to be told its processors
                found.append(words[4])
    return found if found and os.path.exists(os.path.join(found[0], "cgroup.controllers")) else None


class Group:
    """A control group in all hierarchies, below groups of our own, with all that is above it; removed at the end."""

    def __init__(self, tops, path):
        self.made, self.paths = [], []
        for top in tops:
            for part in path.split("/"):
                top = os.path.join(top, part)
                if not os.path.isdir(top):
                    os.mkdir(top)
                    self.made.insert(0, top)
            self.paths.append(top)
        self.path = self.paths[0]

    def run(self, marker, namespaces=True):
        program = ["sh", "-c", INSIDE, "sh", marker]
        return subprocess.Popen(["sh", "-c", ENTER, "sh", " ".join(self.paths), *(NAMESPACES if namespaces else []),
                                 *program])

    def remove(self):
        for path in self.made:
            wait_for(lambda p=path: not removal_fails(p), 10)


def removal_fails(path):
    try:
        os.rmdir(path)
    except OSError:
        return True
    return False


def numbers(lines, marker):
    """The numbers that a container wrote."""
    return [int(x.rsplit(" ", 1)[1]) for x in lines if f" {marker} seq " in x]


def own_tops():
    """A group of our own in each hierarchy, or the reason why there is none."""
    mounts = hierarchies()
    if not mounts:
        return None, "version 2 of control groups is not mounted"
    tops = [os.path.join(m, f"eyas-test-{os.getpid()}.slice") for m in mounts]
    try:
        for top in tops:
            os.makedirs(top, exist_ok=True)
    except OSError as e:
        remove_tops(tops)
        return None, f"no control group can be made: {e.strerror}"
    return tops, None


def remove_tops(tops):
    for top in tops:
        wait_for(lambda p=top: not os.path.isdir(p) or not removal_fails(p), 10)


def check_one(tops, name, place, ident, beside):
    """Runs one container, another, and a process outside; records the one."""
    for stale in ("enough", *(m + x for m in MARKERS for x in (".n", ".ready", ".ten", ".go"))):
        if os.path.exists(stale):
            os.unlink(stale)
    for m in MARKERS:
        os.mkfifo(m + ".go")
    gates = [os.open(m + ".go", os.O_RDWR) for m in MARKERS]
    groups = [Group(tops, x) for x in (place, OTHER, *beside)]
    trace = name.replace(" ", "-") + ".eyas"
    runs = [groups[0].run("mine"), groups[1].run("other"), *(g.run("beside", False) for g in groups[2:])]
    try:
        if not wait_for(lambda: all(os.path.exists(m + ".ready") for m in MARKERS[:len(runs)]) or
                        any(r.poll() is not None for r in runs)) or any(r.poll() is not None for r in runs):
            return "namespaces cannot be made"
        p = start("-q", "--container", ident[:12], "-o", trace)
        assert recording(p.pid), (name, p.communicate()[1] if p.poll() is not None else "does not record")
        for gate in gates:
            os.write(gate, b"\n")
        for _ in range(30):  # what happens outside
            subprocess.run(["true"], check=True)
        assert wait_for(lambda: all(os.path.exists(m + ".ten") for m in MARKERS[:len(runs)]))
        open("enough", "w").close()
        assert wait_for(lambda: os.path.exists("mine.n"))
        for r in runs:
            r.wait(timeout=PATIENCE)
        _, err = finish(p, signal.SIGINT)
        assert p.returncode == 0, err
    finally:
        open("enough", "w").close()
        for gate in gates:
            os.write(gate, b"\n")
        for r in runs:
            r.wait(timeout=PATIENCE)
        for gate in gates:
            os.close(gate)
        for g in reversed(groups):
            g.remove()
    lines = events(trace, fmt="*%container.id %proc.vpid %proc.name %evt.type %evt.arg.data")[0]
    wrong = [x for x in lines if not x.startswith(ident[:12] + " ")]
    assert lines and not wrong, (name, len(lines), wrong[:5])
    with open("mine.n", encoding="utf-8") as f:
        wanted = int(f.read())
    found = numbers(lines, "mine")
    contiguous(found)
    assert found[0] == 0 and found[-1] == wanted - 1, (name, found[0], found[-1], wanted)
    assert not numbers(lines, "other") and not numbers(lines, "beside"), name
    # the first process of the container, and programs that it started
    words = [x.split() for x in lines]
    assert [w for w in words if w[1] == "1"], (name, "vpid", lines[:9])
    assert len({w[1] for w in words if w[2] == "cat" and w[3] == "execve"}) > 3, (name, "cat", lines[:9])
    # the groups of the snapshot
    rows = [g for g in script_rows(trace, "cgroup") if g["path"].endswith("/" + place)]
    assert [g for g in rows if g.get("id") and g.get("populated") == "yes"], (name, rows)
    return None


def containers_of_each_runtime_are_recorded_alone():
    """--container records a container of Docker, containerd, CRI-O and podman, nothing else, and container.id is right."""
    tops, why = own_tops()
    if why:
        return why
    try:
        for name, (place, ident, beside) in RUNTIMES.items():
            why = check_one(tops, name, place, ident, beside)
            if why:
                return why
    finally:
        remove_tops(tops)
    return None


def what_is_below_belongs_to_it():
    """A group that a container makes for itself is recorded with it."""
    tops, why = own_tops()
    if why:
        return why
    group = Group(tops, f"docker-{IDS[0x10]}.scope/init.scope")
    try:
        p = start("-q", "--container", IDS[0x10][:6], "-o", "below.eyas")
        assert recording(p.pid)
        subprocess.run(["sh", "-c", ENTER, "sh", " ".join(group.paths), "sh", "-c", 'printf "mine seq 0" >/dev/null'], check=True)
        _, err = finish(p, signal.SIGINT)
        assert p.returncode == 0, err
        assert numbers(events("below.eyas")[0], "mine") == [0]
    finally:
        group.remove()
        remove_tops(tops)
    return None


def a_wrong_container_is_said():
    """No container of the name, and several, are errors that name what there is."""
    tops, why = own_tops()
    if why:
        return why
    groups = [Group(tops, f"docker-{IDS[n]}.scope") for n in (0x10, 0x11)]
    try:
        r = capture("--container", "feedfacefeed", "-o", "wrong.eyas")
        assert r.returncode == 4 and "'feedfacefeed'" in r.stderr, (r.returncode, r.stderr)
        r = capture("--container", IDS[0x10][3:20], "-o", "wrong.eyas")
        assert r.returncode == 4 and all(g.path in r.stderr for g in groups), (r.returncode, r.stderr)
        assert not os.path.exists("wrong.eyas")
    finally:
        for g in reversed(groups):
            g.remove()
        remove_tops(tops)
    return None


sys.exit(run_tests((containers_of_each_runtime_are_recorded_alone, what_is_below_belongs_to_it, a_wrong_container_is_said),
                   ONLY))
