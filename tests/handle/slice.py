"""eyas slice: what is cut out of a trace has the state it had there, and raises the alerts it raised. TAP.

usage: slice.py EYAS SOURCE-TREE
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

eyas, src = sys.argv[1:3]
tmp = tempfile.mkdtemp()
out = os.path.join(tmp, "out.eyas")
count = 0
MOST = 900
# What the state knows, as far as fields can see it.
FIELDS = ",".join("""evt.rawtime evt.type evt.args proc.name proc.cmdline proc.pname proc.aname[2] proc.aname[3] fd.name fd.num
    fd.type user.name container.id proc.cwd proc.exepath proc.sid proc.tty proc.vpid proc.env thread.cap_effective proc.nchilds
    proc.fdopencount proc.duration proc.ppid.duration proc.vmsize proc.pvpid fd.is_server""".split())


def run(*args):
    return subprocess.run([eyas, *args], capture_output=True, text=True)


def check(name, why):
    global count
    count += 1
    if why:
        print("#", why)
    print(("not ok" if why else "ok"), count, "-", name)


def events(trace, *more):
    r = run("events", "-F", FIELDS, *more[:2], trace, *more[2:])
    return r.stdout.splitlines()


def alerts(trace, *more):
    """Lines of alerts, without the numbers of events."""
    r = run("replay", "-r", os.path.join(src, "rules", "eyas_rules.yaml"), "--summary=none", *more, trace)
    return r.stdout.splitlines()


def cut(*args):
    r = run("slice", "-f", "-o", out, *args)
    if r.returncode:
        return f"slice {args}: {r.returncode}: {r.stderr}"
    r = run("verify", out)
    return "" if r.returncode == 0 else r.stdout


def differ(want, got):
    if want == got:
        return ""
    for a, b in zip(want, got):
        if a != b:
            return f"{a!r} is {b!r}"
    return f"{len(want)} events are {len(got)}"


traces = sorted(glob.glob(os.path.join(src, "traces", "good", "*", "trace.eyas")) +
                glob.glob(os.path.join(src, "traces", "good", "*", "incident.eyt")) +
                glob.glob(os.path.join(src, "traces", "good", "*.scap")))
for trace in traces:
    name = os.path.relpath(trace, os.path.join(src, "traces", "good"))
    if name.startswith("k8s"):
        continue
    whole = events(trace)
    n = len(whole)
    last = int((run("events", "-F", "evt.num", trace).stdout.split() or ["0"])[-1])
    why = ""
    for first, to in ((1, last), (last // 2, last // 2 + 9), (last, last), (1, 1), (last // 3, last)):
        if not first or why:
            continue
        why = cut("--events", f"{first}-{to}", trace) or differ(events(trace, "--events", f"{first}-{to}"), events(out))
    check(f"{name}: by number", why)
    pids = run("events", "-F", "proc.pid", trace).stdout.split()
    why = ""
    for pid in sorted({p for p in pids if p.isdigit() and int(p) > 0}, key=int)[:6]:
        why = why or cut("--pid", pid, trace) or differ(
            events(trace, "--events", "1-", f"proc.pid={pid} or proc.apid={pid} or (evt.type=notification and thread.tid={pid})"), events(out))
    check(f"{name}: by process", why)
    fired = alerts(trace)
    why = ""
    for i in range(min(3, len(fired))):
        why = why or cut("-r", os.path.join(src, "rules", "eyas_rules.yaml"), "--alert", str(i + 1), "--context", "1ms", trace)
        got = alerts(out) if not why else []
        if not why and fired[i] not in got:
            why = f"alert {i + 1} is gone: {fired[i]!r} is {got}"
        if not why and [a for a in got if a not in fired]:
            why = "there is an alert that was not there"
    if fired:
        check(f"{name}: around its alerts", why)
    if name.startswith("recorded-web"):
        check(f"{name}: from a time on", cut("--since", f"@{whole[n // 2].split(chr(9))[0][:10]}", trace))
        info = run("info", "--json", out).stdout
        check(f"{name}: says that it is a slice", "" if '"command": "slice", "of": "trace.eyas"' in info else info)
# A long life: what came and went before the cut, and left nothing, is not there. Whoever it is of.
long = os.path.join(tmp, "long.eyt")
with open(long, "w", encoding="utf-8") as f:
    f.write("eyas-script 1\nthread tid=1 comm=init exe=/sbin/init\nthread tid=10 ptid=1 comm=sh exe=/bin/sh sid=10 cwd=/\n"
            "thread tid=11 ptid=10 comm=cat exe=/bin/cat sid=10 cwd=/\nfd tid=10 fd=1 type=file name=/dev/null\n")
    f.write("2026-11-20T09:00:00Z tid=10 getuid uid=0\n")
    for i in range(400):
        child = 100 + i
        # Half of them are started by one that is gone soon.
        parent = child - 1 if i % 4 == 1 else 10
        f.write(f"+100ms tid={parent} clone res={child} tid={parent} pid={parent} ptid=1 comm=sh flags=0 uid=0 gid=0 vtid={parent} vpid={parent}\n"
                f"+1ms tid={child} clone res=0 tid={child} pid={child} ptid={parent} comm=sh flags=0 uid=0 gid=0 vtid={child} vpid={child}\n"
                f"+1ms tid={child} execve res=0 exe=/bin/act args=[x{i}] tid={child} pid={child} ptid={parent} comm=act filename=/bin/act\n"
                f"+1ms tid={child} openat fd=3 dirfd=-100 name=/tmp/{i} flags=1 mode=0\n"
                f"+1ms tid=10 openat fd=5 dirfd=-100 name=/tmp/mine{i} flags=1 mode=0\n+1ms tid=10 close res=0 fd=5\n")
        if i % 4 == 1:
            f.write(f"+1ms tid={parent} procexit status=0 ret=0 sig=0 core=0 reaper_tid=1\n")
        if i % 4 != 0 and i != 101 and i != 397:
            f.write(f"+1ms tid={child} procexit status=0 ret=0 sig=0 core=0 reaper_tid=1\n")
    f.write("+20s tid=201 read res=1 data=x fd=3 size=1\n+1ms tid=497 read res=1 data=x fd=3 size=1\n+1ms tid=10 write res=1 data=x fd=1 size=1\n")
n = int(run("events", "-F", "evt.num", long).stdout.split()[-1])
why = cut("--events", f"{n - 2}-", long) or differ(events(long, "--events", f"{n - 2}-"), events(out))
said = run("slice", "-f", "-o", out, "--events", f"{n - 2}-", long).stderr
if not why and int(re.search(r"and (\d+) more", said)[1]) > MOST:
    why = f"{n} events: {said}"
check("who has come and gone before the cut is left out", why)
rules = os.path.join(src, "rules", "eyas_rules.yaml")
for expected in sorted(glob.glob(os.path.join(src, "traces", "good", "*", "alerts.jsonl"))):
    name = os.path.basename(os.path.dirname(expected))
    if name.startswith("k8s"):
        continue
    trace = glob.glob(os.path.join(os.path.dirname(expected), "trace.eyas")) or glob.glob(
        os.path.join(os.path.dirname(expected), "incident.eyt"))
    with open(expected, encoding="utf-8") as f:
        rule = json.loads(f.readline())["rule"]
    r = run("slice", "-f", "-r", rules, "--minimize", rule, "-o", out, trace[0])
    left = alerts(out)
    why = r.stderr if r.returncode else ""
    if not why and (len(left) < 1 or left[0] not in alerts(trace[0])):
        why = f"{left} is not what it was"
    before, after = len(events(trace[0])), len(events(out))
    if not why and before > 10 * 6 and after * 10 > before:
        why = f"{after} of {before} events are left"
    if not why and run("verify", out).returncode:
        why = "it is no good trace"
    with open(out, "rb") as f:
        first = f.read()
    run("slice", "-f", "-r", rules, "--minimize", rule, "-o", out, trace[0])
    with open(out, "rb") as f:
        why = why or ("" if f.read() == first else "it differs the second time")
    check(f"{name}: the least that raises its alert", why)
    # As text, which is all content: a finished .eyas trace has some 1,900 bytes of headers, schema and index however little
    # is in it.
    whole, least = os.path.join(tmp, "whole.eyt"), os.path.join(tmp, "least.eyt")
    why = run("convert", "-f", trace[0], whole).stderr or run(
        "slice", "-f", "-r", rules, "--minimize", rule, "-o", least, trace[0]).stderr.replace(r.stderr, "")
    if not why and alerts(least) != left:
        why = f"{alerts(least)} is not {left}"
    with open(least, encoding="utf-8") as f:
        text = f.read()
    if not why and '"derived": [{"command": "slice", "of": "' not in text:
        why = "it does not say what it is of"
    sizes = os.path.getsize(whole), os.path.getsize(least)
    if not why and before >= 100 and sizes[1] * 10 > sizes[0]:
        why = f"{sizes[1]} of {sizes[0]} bytes are left"
    print(f"# {name}: {before} to {after} events, {sizes[0]} to {sizes[1]} bytes of text, "
          f"{os.path.getsize(trace[0])} to {os.path.getsize(out)} bytes of file")
    check(f"{name}: the same as text, ten times smaller when there were 100 events", why)
print(f"1..{count}")
subprocess.run(["rm", "-rf", tmp])
