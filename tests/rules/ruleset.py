"""Data-driven tests of rules files. TAP on standard output.

A file tests/rules/<topic>.ruleset holds cases; a case is

    == what it shows
    --- rules [NAME]          a rules file (several: loaded in this order)
    --- problems              what `eyas rules check` says, one line each: FILE:LINE:COL: error|warning: TEXT [CODE]
                              with excerpt lines ("    ...") where the case wants to state them
    --- compiled RULE         the condition, lists and macros in place
    --- output RULE           the output
    --- rules-are             names of the rules, in order; a leading "-" for one that is switched off

A section that is absent states nothing, but problems: absent means there are none. Lines that begin with # are
comments, outside of rules.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

src, eyas = sys.argv[1:3]


def cases(path):
    case, section = None, None
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"(==|---) *(.*)\n", line)
            if m and m.group(1) == "==":
                case = {"name": m.group(2), "sections": []}
                section = None
                yield case
            elif m and case is not None:
                section = [m.group(2), ""]
                case["sections"].append(section)
            elif section is not None:
                if not (line.startswith("#") and not section[0].startswith("rules ") and section[0] != "rules"):
                    section[1] += line


def run(tmp, *args):
    p = subprocess.run([eyas, "rules", *args], cwd=tmp, capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def problems_of(text, excerpts):
    lines = []
    for line in text.splitlines():
        if line.startswith("  in "):
            continue
        if line.startswith("    ") and not excerpts:
            continue
        lines.append(line.rstrip())
    return "\n".join(lines)


def check(case):
    with tempfile.TemporaryDirectory() as tmp:
        files, wanted, bad = [], "", []
        for title, body in case["sections"]:
            word, _, rest = title.partition(" ")
            if word == "rules":
                files.append(rest or "rules.yaml")
                with open(os.path.join(tmp, files[-1]), "w", encoding="utf-8") as f:
                    f.write(body.rstrip("\n") + "\n")
            elif word == "problems":
                wanted = "\n".join(x.rstrip() for x in body.rstrip().splitlines())
        status, out, err = run(tmp, "check", "--no-lint", *files)
        got = problems_of(err, "\n    " in wanted)
        if got != wanted:
            bad += ["expected:"] + wanted.splitlines() + ["got:"] + got.splitlines()
        if (": error: " in wanted) != (status == 2):
            bad.append("exit status %d" % status)
        args = [x for f in files for x in ("-r", f)]
        for title, body in case["sections"]:
            word, _, rest = title.partition(" ")
            if word == "compiled":
                compare(bad, title, body.strip(), run(tmp, "show", "--compiled", *args, rest)[1].strip())
            elif word == "output":
                d = json.loads(run(tmp, "show", "--json", *args, rest)[1])
                compare(bad, title, body.strip(), d["rules"][0]["details"]["output_compiled"])
            elif word == "rules-are":
                names = [json.loads(x) for x in run(tmp, "list", "--json", *files)[1].splitlines()]
                compare(bad, title, body.split("\n")[:-1] if body.strip() else [],
                        [("" if n["selected"] else "-") + n["name"] for n in names])
        return bad


def compare(bad, title, wanted, got):
    if isinstance(wanted, list):
        wanted = [x for x in wanted if x]
    if wanted != got:
        bad += ["%s: expected" % title, "  %s" % wanted, "got", "  %s" % got]


number = 0
folder = os.path.join(src, "tests", "rules")
for name in sorted(os.listdir(folder)):
    if not name.endswith(".ruleset"):
        continue
    for case in list(cases(os.path.join(folder, name))):
        number += 1
        bad = check(case)
        for line in bad:
            print("# " + line)
        print("%s %d - %s: %s" % ("not ok" if bad else "ok", number, name[:-8], case["name"].replace("#", "")))
print("1..%d" % number)
