"""Why a rule did not fire, against what a person says: lines of *.nearest files. TAP on standard output."""
import json
import os
import subprocess
import sys

src, eyas, data = sys.argv[1:4]
results = []


def answers(rules, trace):
    """By rule: whether it fired, and the comparisons of its nearest group."""
    args = [eyas, "explain", "--json", "--near", "1", "--enable", "*"]
    for r in rules:
        args += ["-r", r]
    out = subprocess.run([*args, trace], capture_output=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        rule = json.loads(line)
        groups = rule["stopped_by"]
        if rule["fired"]:
            text = f"fired {rule['fired']} times"
        elif not groups:
            text = "no event"
        else:
            text = "; ".join(("" if p["must_be"] else "not ") + p["text"] for p in groups[0]["predicates"])
        found[rule["rule"]] = text
    return found


def run(name, rules, traces):
    seen = {}
    with open(os.path.join(src, "tests", "explain", name), encoding="utf-8") as f:
        for line in f:
            if line.startswith("#") or not line.strip():
                continue
            trace, rule, want = (x.strip() for x in line.split("|"))
            if trace not in seen:
                seen[trace] = answers(rules, os.path.join(traces, trace))
            got = seen[trace].get(rule, "there is no such rule")
            results.append((f"{trace}: {rule}", got == want, f"expected: {want}", f"got:      {got}"))


run("shipped.nearest", [os.path.join(src, "rules")], os.path.join(src, "traces"))
upstream = [os.path.join(data, "rules", f) for f in ("falco_rules.yaml", "falco-incubating_rules.yaml")]
if all(os.path.exists(f) for f in upstream):
    run("upstream.nearest", upstream, os.path.join(data, "captures"))
else:
    results.append((f"rules of the conformance data # SKIP not at {data}", True, "", ""))
print(f"1..{len(results)}")
for i, (name, ok, *more) in enumerate(results, 1):
    for m in [] if ok else more:
        print("# " + m)
    print(("ok" if ok else "not ok") + f" {i} - {name}")
