"""fields: every event of a capture, every field, against what Falco 0.44.1 printed.

fields/NAME.jsonl.zst has a line per visible event of captures/NAME.scap with the fields that had a
value. A case is one field of one capture: its value must be equal in every event, except for the deliberate
differences below. Each has a row of the same name in eyas-compat(7), which this checks.
"""
import json
import os

from harness import failed, passed, show

# What Falco took from uninitialised memory: the same number for threads whose executable was never described.
UNINITIALISED = 18446744073709524920



def in_container(want, got):
    """Without its plugin Falco knows no containers: no id, and the host's users instead of the container's."""
    return got == "<NA>" or (want.startswith(":") and got.endswith(want) and len(got) == 12 + len(want))


# row in eyas-compat(7) -> (fields, is this pair of values one of it?)
DELIBERATE = {
    "hostname": ({"evt.hostname"}, lambda want, got: want == ""),
    "memory": ({"evt.deltatime", "evt.deltatime.s", "evt.deltatime.ns", "thread.exectime",
                "thread.totexectime", "thread.cpu", "thread.cpu.user", "thread.cpu.system"},
               lambda want, got: want == 0),
    "uninitialised": ({"proc.exe_ino.ctime_duration_pidns_start"},
                      lambda want, got: want == UNINITIALISED and got is None),
    "stale-buffer": ({"evt.buffer"},
                     lambda want, got: got == "NULL" or want.startswith(got)),
    "order-of-types": ({"fd.types"}, lambda want, got: sorted(want or []) == sorted(got or [])),
    "container-plugin": ({"fd.containername", "fd.containerdirectory", "user.shell"},
                         in_container),
}


def deliberate(field, want, got):
    for row, (fields, test) in DELIBERATE.items():
        if field in fields and test(want, got):
            return row
    return None


def run(ctx):
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "man", "eyas-compat.7")
    with open(page, encoding="utf-8") as f:
        rows = [line.split()[1] for line in f if line.startswith(".It ")]
    for row in DELIBERATE:
        if row in rows:
            yield passed("eyas-compat(7)/" + row)
        else:
            yield failed("eyas-compat(7)/" + row, "the page has no row of this name")
    for file in ctx.names("fields"):
        name = file[:-len(".jsonl.zst")]
        if ctx.wanted(name):
            yield from capture(ctx, name, file)


def capture(ctx, name, file):
    want = [json.loads(line) for line in ctx.zstd_lines("fields", file)]
    fields = sorted({f for event in want for f in event})
    args = ["events", "--json", "--fields", ",".join(fields), ctx.path("captures", name + ".scap")]
    got = {}
    order = []
    try:
        for line in ctx.lines(*args):
            event = json.loads(line)
            order.append(event["evt.num"])
            got[event["evt.num"]] = event
    except RuntimeError as e:
        yield failed(name + "/run", str(e))
    nums = [e["evt.num"] for e in want]
    if order != nums:
        missing = [n for n in nums if n not in got]
        extra = sorted(set(order) - set(nums))
        yield failed(name + "/events", "%d events, expected %d\nmissing %s\nnot expected %s" %
                     (len(order), len(nums), show(missing[:20]), show(extra[:20])))
    else:
        yield passed(name + "/events")
    pairs = [(event, got[event["evt.num"]]) for event in want if event["evt.num"] in got]
    for field in fields:
        yield compare(name, field, pairs)


def compare(name, field, pairs):
    """One field over a capture."""
    bad, excused, first = 0, {}, None
    for event, have in pairs:
        w, g = event.get(field), have.get(field)
        if w == g and type(w) is type(g):
            continue
        row = deliberate(field, w, g)
        if row:
            excused[row] = excused.get(row, 0) + 1
            continue
        bad += 1
        first = first or (event, w, g)
    case = "%s/%s" % (name, field)
    note = "".join("deliberate: %s in %d of %d events\n" % (row, n, len(pairs))
                   for row, n in sorted(excused.items()))
    if not bad:
        return passed(case, note)
    event, w, g = first
    return failed(case, "%s%d of %d events differ, first evt.num %d (%s %s)\nexpected %s\ngot      %s" % (
        note, bad, len(pairs), event["evt.num"], event["evt.type"], show(event.get("evt.args", ""), 300),
        show(w), show(g)))
