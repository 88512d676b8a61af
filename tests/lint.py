"""What lint says of made-up conditions holds for all values their fields can have. TAP.

Conditions over three fields are made up together with what they mean here; each is tried with every combination of a
few values (and none). A condition told to be never true must be so; a rule told to be never reached must match only
where the rule before it does.
"""
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile

eyas = sys.argv[1]
TEXTS = [None, "a", "ab", "b", "/a/b", "/a"]
FIELDS = {"proc.name": TEXTS, "proc.pname": TEXTS, "fd.num": [None, 0, 1, 2, 3]}
COMPARE = {
    "=": lambda x, c: x == c, "!=": lambda x, c: x != c, "<": lambda x, c: x < c, "<=": lambda x, c: x <= c,
    ">": lambda x, c: x > c, ">=": lambda x, c: x >= c, "startswith": lambda x, c: x.startswith(c),
    "endswith": lambda x, c: x.endswith(c), "contains": lambda x, c: c in x, "in": lambda x, c: x in c,
    "pmatch": lambda x, c: any(parts(x)[:len(parts(p))] == parts(p) for p in c),
}


def parts(path):
    return [p for p in path.split("/") if p]


def leaf(rnd):
    field = rnd.choice(list(FIELDS))
    if rnd.random() < .1:
        return field + " exists", lambda e: e[field] is not None
    if field == "fd.num":
        op, c = rnd.choice(["=", "!=", "<", "<=", ">", ">="]), rnd.choice([0, 1, 2, 3])
        text = f"{field} {op} {c}"
    else:
        op = rnd.choice(["=", "=", "!=", "in", "in", "startswith", "endswith", "contains", "pmatch"])
        if op in ("in", "pmatch"):
            c = rnd.sample(TEXTS[1:], rnd.randint(0 if op == "in" else 1, 3))
            text = f"{field} {op} ({', '.join(c)})"
        else:
            c = rnd.choice(TEXTS[1:])
            text = f"{field} {op} {c}"
    return text, lambda e: e[field] is not None and COMPARE[op](e[field], c)


def condition(rnd, depth):
    r = rnd.random()
    if depth == 0 or r < .25:
        return leaf(rnd)
    if r < .4:
        text, holds = condition(rnd, depth - 1)
        return f"not ({text})", lambda e: not holds(e)
    kids = [condition(rnd, depth - 1) for _ in range(rnd.randint(2, 3))]
    word, join = (" and ", all) if r < .75 else (" or ", any)
    return "(" + word.join(f"({t})" for t, _ in kids) + ")", lambda e: join(h(e) for _, h in kids)


def wrong(seed, path, counts):
    rnd = random.Random(seed)
    rules = [condition(rnd, rnd.randint(1, 2)) for _ in range(60)]
    with open(path, "w", encoding="utf-8") as f:
        for i, (text, _) in enumerate(rules):
            f.write(f"- rule: r{i}\n  desc: d\n  condition: evt.type = openat and {text}\n  output: o\n"
                    "  priority: INFO\n")
    r = subprocess.run([eyas, "rules", "check", path], capture_output=True, text=True)
    if r.returncode:
        yield r.stderr
    envs = [dict(zip(FIELDS, v)) for v in itertools.product(*FIELDS.values())]
    where = [frozenset(i for i, e in enumerate(envs) if holds(e)) for _, holds in rules]
    # A finding is a line with its excerpt behind it, and the places it is in.
    for found in re.split(r"\n(?=\S)", r.stderr):
        m = re.search(r"rule 'r(\d+)' is never reached: 'r(\d+)'", found)
        if m:
            counts[0] += 1
            i, j = int(m.group(1)), int(m.group(2))
            if j >= i or not where[i] <= where[j]:
                yield f"seed {seed}: {rules[i][0]} is not shadowed by {rules[j][0]}"
            continue
        if ": the condition is never true" in found or ": the condition is always true" in found:
            rest = r.stderr[r.stderr.index(found):]
            i = int(re.search(r"in rule 'r(\d+)'", rest).group(1))
            counts[1] += 1
            if where[i]:
                yield f"seed {seed}: {rules[i][0]} can be true"


with tempfile.TemporaryDirectory() as d:
    counts = [0, 0]
    problems = [p for seed in range(1, 11) for p in wrong(seed, os.path.join(d, "rules.yaml"), counts)]
for p in problems:
    print("# " + p)
print(("not ok" if problems else "ok") + " 1 - what lint says of made-up conditions holds")
print(("ok" if min(counts) > 20 else "not ok")
      + f" 2 - it says enough to tell ({counts[0]} rules shadowed, {counts[1]} never true)")
print("1..2")
