"""fields: every event of a capture, every field, against what Falco 0.44.1 printed.

fields/NAME.jsonl.zst has a line per visible event of captures/NAME.scap with the fields that had a
value. A case is one field of one capture: all its values over the capture must be equal, except for the
deliberate differences below, whose names are the rows of eyas-compat(7).
"""
import json

from harness import failed, passed, show

# name of the row in eyas-compat(7) -> fields it covers
DELIBERATE = {}


def excused(field):
    for name, fields in DELIBERATE.items():
        if field in fields:
            return name
    return None


def run(ctx):
    for file in ctx.names("fields"):
        name = file[:-len(".jsonl.zst")]
        if not ctx.wanted(name):
            continue
        yield from capture(ctx, name, file)


def capture(ctx, name, file):
    want = [json.loads(line) for line in ctx.zstd_lines("fields", file)]
    fields = sorted({f for event in want for f in event})
    args = ["events", "--json", "--fields", ",".join(fields), ctx.path("captures", name + ".scap")]
    got = [json.loads(line) for line in ctx.lines(*args)]
    got_nums = {e.get("evt.num"): e for e in got}
    nums = [e["evt.num"] for e in want]
    if [e.get("evt.num") for e in got] != nums:
        missing = [n for n in nums if n not in got_nums]
        extra = sorted(set(got_nums) - set(nums), key=str)
        yield failed(name + "/events", "%d events, expected %d; missing %s; not expected %s" %
                     (len(got), len(nums), show(missing[:20]), show(extra[:20])))
    else:
        yield passed(name + "/events")
    for field in fields:
        bad, first = 0, None
        for event in want:
            have = got_nums.get(event["evt.num"])
            if have is None:
                continue
            w, g = event.get(field), have.get(field)
            if w != g or type(w) is not type(g):
                bad += 1
                first = first or (event["evt.num"], event["evt.type"], w, g)
        case = "%s/%s" % (name, field)
        if not bad:
            yield passed(case)
            continue
        text = "%d of %d events differ, first evt.num %d (%s)\nexpected %s\ngot      %s" % (
            bad, len(want), first[0], first[1], show(first[2]), show(first[3]))
        row = excused(field)
        if row:
            yield passed(case, "deliberate: %s\n%s" % (row, text))
        else:
            yield failed(case, text)
