"""What eyas coverage writes for other programs is what they read: lcov, HTML, Navigator. TAP on standard output."""
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

src, eyas = sys.argv[1:3]
results = []
tmp = tempfile.mkdtemp()


def check(name, problems):
    results.append((name, list(problems)))


os.chdir(src)
traces = sorted(os.path.join(d, f) for d, _, fs in os.walk("traces/good") for f in fs if f == "incident.eyt")
products = {k: os.path.join(tmp, k) for k in ("lcov", "html", "navigator")}
args = [eyas, "coverage", "-r", "rules"]
for k, v in products.items():
    args += ["--" + k, v]
r = subprocess.run(args + traces, capture_output=True, text=True)
check("eyas coverage works", [] if r.returncode == 0 else [r.stderr])
as_json = subprocess.run([*args[:4], "--json", *traces], capture_output=True, text=True).stdout
rules = {x["rule"]: x for x in map(json.loads, as_json.splitlines())}
text = {k: open(v, encoding="utf-8").read() for k, v in products.items()}


def lcov():
    """Every line is one that geninfo(1) describes, counts are those that were announced."""
    forms = (r"TN:", r"SF:\S.*", r"FN:\d+,[^,]+", r"FNDA:\d+,[^,]+", r"FNF:\d+", r"FNH:\d+", r"BRDA:\d+,\d+,\d+,(\d+|-)",
             r"BRF:\d+", r"BRH:\d+", r"DA:\d+,\d+", r"LF:\d+", r"LH:\d+", r"end_of_record")
    count = dict.fromkeys(("FN", "FNH", "BRF", "BRH", "LF", "LH"), 0)
    last_da = lines = 0
    branches = set()
    for line in text["lcov"].splitlines():
        if not any(re.fullmatch(f, line) for f in forms):
            yield "not lcov: " + line
            continue
        key, _, rest = line.partition(":")
        words = rest.split(",")
        if key == "SF":
            if not os.path.exists(rest):
                yield "no such file: " + rest
            lines = open(rest, encoding="utf-8").read().count("\n")
            count = dict.fromkeys(count, 0)
            last_da = 0
            branches = set()
        elif key == "FN":
            count["FN"] += 1
        elif key == "FNDA":
            count["FNH"] += words[0] != "0"
            if words[1] not in rules:
                yield "no such rule: " + words[1]
            elif rules[words[1]]["fired"] != int(words[0]):
                yield "fired otherwise: " + line
        elif key == "BRDA":
            count["BRF"] += 1
            count["BRH"] += words[3] not in ("0", "-")
            if tuple(words[:3]) in branches:
                yield "twice: " + line
            branches.add(tuple(words[:3]))
        elif key == "DA":
            if not last_da < int(words[0]) <= lines:
                yield "out of order, or not in the file: " + line
            last_da = int(words[0])
            count["LF"] += 1
            count["LH"] += words[1] != "0"
        elif key in ("FNF", "FNH", "BRF", "BRH", "LF", "LH"):
            if int(rest) != count["FN" if key == "FNF" else key]:
                yield "does not add up: " + line


check("lcov: lines, order and sums", lcov())
if shutil.which("genhtml"):
    r = subprocess.run(["genhtml", "--branch-coverage", "-q", "-o", os.path.join(tmp, "g"), products["lcov"]],
                       capture_output=True, text=True)
    check("lcov: genhtml reads it", [] if r.returncode == 0 else [r.stderr])
else:
    check("lcov: genhtml reads it # SKIP genhtml is not installed", [])


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack, self.problems, self.text, self.rules = [], [], "", 0

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.stack.append(tag)
        self.rules += tag == "details"
        self.problems += [f"<{tag} {a}>" for a, _ in attrs if a in ("src", "href") or a.startswith("on")]

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        self.text += data


page = Page()
page.feed(text["html"])
check("html: tags are closed, nothing else is needed", page.problems + page.stack)
check("html: every rule is there", [r for r in rules if r not in page.text] +
      ([] if page.rules == len(rules) else [f"{page.rules} rules"]))


def navigator():
    """The members that layer format 4.5 requires, and types of the ones that are used."""
    d = json.loads(text["navigator"])
    if not isinstance(d["name"], str) or d["domain"] not in ("enterprise-attack", "mobile-attack", "ics-attack"):
        yield "name or domain"
    if d["versions"]["layer"] != "4.5" or not all(isinstance(v, str) for v in d["versions"].values()):
        yield "versions"
    if set(d) - {"name", "versions", "domain", "description", "techniques", "gradient", "sorting"}:
        yield "unknown members"
    g = d["gradient"]
    if len(g["colors"]) < 2 or not all(re.fullmatch(r"#[0-9a-f]{6,8}", c) for c in g["colors"]) or \
            g["minValue"] >= g["maxValue"] or d["sorting"] not in range(4):
        yield "gradient or sorting"
    if not d["techniques"]:
        yield "no techniques"
    for t in d["techniques"]:
        if not re.fullmatch(r"T\d{4}(\.\d{3})?", t["techniqueID"]) or not 0 <= t["score"] <= 100 or \
                not isinstance(t["enabled"], bool) or not isinstance(t["comment"], str):
            yield f"technique {t}"
        if not all(set(m) == {"name", "value"} and m["value"] in rules for m in t["metadata"]):
            yield f"metadata of {t}"
    if [t["techniqueID"] for t in d["techniques"]] != sorted({t["techniqueID"] for t in d["techniques"]}):
        yield "order"


check("navigator: layer 4.5", navigator())
twice = subprocess.run(args[:4] + ["--lcov", "-", *traces], capture_output=True, text=True).stdout
check("the same again", [] if twice == text["lcov"] else ["another tracefile"])
shutil.rmtree(tmp)
print(f"1..{len(results)}")
for i, (name, problems) in enumerate(results, 1):
    for p in problems[:20]:
        print("# " + p)
    print(("not ok" if problems else "ok") + f" {i} - {name}")
