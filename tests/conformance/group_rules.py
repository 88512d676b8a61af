"""The upstream rules (rules/*.yaml): each file loads, and its description equals the oracle's.

Arrays whose order came from a hash are compared as sets. Not compared: `plugins`, as eyas has the container fields
built in.
"""
import json

from harness import check, failed, passed

SETS = ("condition_fields", "condition_operators", "events", "exception_fields", "exception_names",
        "exception_operators", "lists", "macros", "plugins")


def canonical(item):
    """An item of a description with the order of sets taken out."""
    details = {k: sorted(v) if k in SETS else v for k, v in item["details"].items()}
    if "output_fields" in details:
        # The oracle repeats a field that an output names twice.
        details["output_fields"] = list(dict.fromkeys(details["output_fields"]))
    return {"info": item["info"], "details": details}


def run(ctx):
    files = [n for n in ctx.names("rules") if n.endswith(".yaml")]
    for name in files:
        out = ctx.run("rules", "check", "--json", "--describe", ctx.path("rules", name))
        if out.status != 0:
            yield failed(name, out.out[:4000] + out.err)
            continue
        ours = json.loads(out.out)
        theirs = ctx.json("rules", name.replace(".yaml", ".describe.json"))
        problems = [p["message"] for p in ours["falco_load_results"][0]["warnings"]]
        yield check("%s loads without a warning" % name, [], problems)
        yield from compare(ctx, name, ours["falco_describe_results"], theirs)
    yield together(ctx)


def compare(ctx, name, ours, theirs):
    for key in ("required_engine_version", "required_plugin_versions"):
        yield check("%s %s" % (name, key), theirs.get(key), ours.get(key))
    for kind in ("rules", "macros", "lists"):
        mine = {x["info"]["name"]: x for x in ours[kind]}
        yield check("%s %s" % (name, kind), [x["info"]["name"] for x in theirs[kind]],
                    [x["info"]["name"] for x in ours[kind]])
        for item in theirs[kind]:
            title = "%s %s %s" % (name, kind[:-1], item["info"]["name"])
            if not ctx.wanted(title):
                continue
            got = mine.get(item["info"]["name"])
            yield compare_item(title, canonical(item), got and canonical(got))


def compare_item(title, want, got):
    if got is None:
        return failed(title, "not described")
    wrong = []
    for part in ("info", "details"):
        for key in sorted(set(want[part]) | set(got[part])):
            a, b = want[part].get(key), got[part].get(key)
            if a == b:
                continue
            if key in SETS and a is not None and b is not None:
                a, b = sorted(set(a) - set(b)), sorted(set(b) - set(a))
                wrong.append("%s: missing %s, too much %s" % (key, a, b))
            else:
                wrong.append("%s: expected %s\n     got %s" % (key, json.dumps(a), json.dumps(b)))
    return failed(title, "\n".join(wrong)) if wrong else passed(title)


def together(ctx):
    """All files in the order in which they are meant to be loaded."""
    with open(ctx.path("rules", "order.txt"), encoding="utf-8") as f:
        files = [ctx.path("rules", line.strip()) for line in f if line.strip()]
    out = ctx.run("rules", "check", "--no-lint", *files)
    return check("all files in order load", (0, ""), (out.status, out.err))
