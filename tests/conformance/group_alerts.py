"""Captures through all upstream rules: the alerts must be equal as JSON objects, in order."""
from alert_check import difference, parse
from harness import failed, passed


def run(ctx):
    order = [line.strip() for line in open(ctx.path("rules", "order.txt")) if line.strip()]
    rules = [word for name in order for word in ("-r", ctx.path("rules", name))]
    for file in ctx.names("alerts"):
        name = file.removesuffix(".jsonl")
        if not ctx.wanted(name):
            continue
        with open(ctx.path("alerts", file), encoding="utf-8") as f:
            expected = parse(f.read())
        r = ctx.run("replay", "--json", "--iso-time", "--quiet", "--rule-matching", "all", *rules,
                    ctx.path("captures", name + ".scap"))
        got = parse(r.out)
        if r.status != 0 or got is None:
            yield failed(name, "exit %d, %s" % (r.status, r.err or r.out[:500]))
            continue
        text = difference(expected, got)
        yield failed(name, text) if text else passed(name, "%d alerts" % len(got))
