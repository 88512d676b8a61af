"""`eyas rules check --sarif` against what the published SARIF 2.1.0 schema asks of what we write. TAP."""
import json
import os
import re
import subprocess
import sys

src, eyas = sys.argv[1:3]
os.chdir(src)
results = []


def check(name, problems):
    results.append((name, list(problems)))


def wants(obj, at, required, optional=()):
    """The object has the required members and no others than those: the schema has additionalProperties: false."""
    for k in required:
        if k not in obj:
            yield f"{at}: {k} is missing"
    for k in obj:
        if k not in required and k not in optional:
            yield f"{at}: {k} is none of the schema's"


def is_text(obj, at):
    yield from wants(obj, at, ["text"])
    if not isinstance(obj.get("text"), str) or not obj["text"]:
        yield f"{at}: text is no text"


LEVELS = ["none", "note", "warning", "error"]  # the schema's enum


def document(doc):
    yield from wants(doc, "top", ["version", "runs"], ["$schema"])
    if doc["version"] != "2.1.0":
        yield "version is not 2.1.0"
    if not isinstance(doc["runs"], list) or len(doc["runs"]) != 1:
        yield "not one run"
        return
    run = doc["runs"][0]
    yield from wants(run, "run", ["tool"], ["results"])
    yield from wants(run["tool"], "tool", ["driver"])
    driver = run["tool"]["driver"]
    yield from wants(driver, "driver", ["name"], ["version", "rules"])
    ids = [r["id"] for r in driver["rules"]]
    if len(set(ids)) != len(ids):
        yield "rule ids repeat"
    for r in driver["rules"]:
        yield from wants(r, r["id"], ["id"], ["shortDescription", "defaultConfiguration"])
        yield from is_text(r["shortDescription"], r["id"])
        if r["defaultConfiguration"]["level"] not in LEVELS:
            yield f"{r['id']}: level"
    for i, r in enumerate(run["results"]):
        at = f"result {i}"
        yield from wants(r, at, ["message"], ["ruleId", "ruleIndex", "level", "locations", "partialFingerprints"])
        yield from is_text(r["message"], at)
        if r["level"] not in LEVELS:
            yield f"{at}: level {r['level']}"
        if ids[r["ruleIndex"]] != r["ruleId"]:
            yield f"{at}: ruleIndex is not that of ruleId"
        for loc in r.get("locations", []):
            yield from wants(loc, at, ["physicalLocation"], ["logicalLocations"])
            phys = loc["physicalLocation"]
            yield from wants(phys, at, ["artifactLocation"], ["region"])
            uri = phys["artifactLocation"]["uri"]
            if not re.fullmatch(r"(file://)?[A-Za-z0-9._~/%-]+", uri):
                yield f"{at}: {uri} is no URI reference"
            for k, v in phys.get("region", {}).items():
                if k not in ("startLine", "startColumn") or not isinstance(v, int) or v < 1:
                    yield f"{at}: region {k}: {v}"
            for log in loc.get("logicalLocations", []):
                yield from wants(log, at, ["name"], ["kind"])
        prints = r["partialFingerprints"]
        if not prints or not all(isinstance(v, str) for v in prints.values()):
            yield f"{at}: fingerprints"
    seen = [json.dumps(r["partialFingerprints"]) for r in run["results"]]
    if len(set(seen)) != len(seen):
        yield "fingerprints repeat"


def run(*args, text=None):
    r = subprocess.run([eyas, "rules", "check", "--sarif", *args], capture_output=True, input=text)
    return r.returncode, json.loads(r.stdout)


files = [os.path.join("tests/cli/lint", f) for f in sorted(os.listdir("tests/cli/lint")) if f.endswith(".yaml")]
status, all_lint = run(*files)
check("what lint finds is SARIF", document(all_lint))
check("what lint finds is no error", [] if status == 0 else [f"exit {status}"])
found = {r["ruleId"] for r in all_lint["runs"][0]["results"]}
ids = {r["id"] for r in all_lint["runs"][0]["tool"]["driver"]["rules"]}
check("every lint code is found in some golden",
      sorted(i for i in ids - found if i.startswith("EYAS_") and i != "EYAS_ADVICE"))
status, broken = run("tests/cli/rules/broken.yaml")
check("errors are SARIF", document(broken))
check("errors have the level error, and the exit status",
      [] if status == 2 and broken["runs"][0]["results"][0]["level"] == "error" else [f"exit {status}"])
status, absent = run("tests/cli/rules/a b\u00e9.yaml")
check("a file that is not there is SARIF, with its name as a URI", document(absent))
status, empty = run("tests/cli/rules/local.yaml")
check("nothing found is SARIF without results",
      list(document(empty)) + (["results"] if empty["runs"][0]["results"] else []))
with open("tests/cli/lint/never_true.yaml", "rb") as f:
    moved = b"# a line more\n\n" + f.read()
one = run("-", text=moved[len(b"# a line more\n\n"):])[1]["runs"][0]["results"]
two = run("-", text=moved)[1]["runs"][0]["results"]
check("fingerprints stay when lines move, places do not",
      [] if [r["partialFingerprints"] for r in one] == [r["partialFingerprints"] for r in two] and
      one[0]["locations"] != two[0]["locations"] else ["they differ"])

print(f"1..{len(results)}")
for i, (name, problems) in enumerate(results, 1):
    for p in problems:
        print("# " + p)
    print(("not ok" if problems else "ok") + f" {i} - {name}")
