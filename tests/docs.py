"""Documentation is true: commands, options, manual pages, --help and NEWS agree. TAP on standard output."""
import glob
import os
import re
import shutil
import subprocess
import sys

src, eyas, capture = sys.argv[1:4]
mandoc = shutil.which("mandoc")
results = []


def check(name, problems):
    problems = list(problems)
    results.append((name, problems))


def run(*args):
    r = subprocess.run([eyas, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return r.returncode, r.stdout, r.stderr


def page(name):
    with open(os.path.join(src, "man", name), encoding="utf-8") as f:
        return f.read()


def help_options(text):
    """Long and short options that --help lists."""
    found = set()
    for line in text.splitlines():
        m = re.match(r"  (?:-(\w)(?:, )?|    )(?:--([\w-]+))?(?: .*)?$", line)
        if m and (m.group(1) or m.group(2)):
            found.add("--" + m.group(2) if m.group(2) else "-" + m.group(1))
    return found


def page_options(text):
    """Long options (or short ones that have no long form) that a page documents with .It."""
    found = set()
    for m in re.finditer(r"^\.It (.*)$", text, re.M):
        words = m.group(1)
        if "Fl" not in words.split():
            continue
        longs = re.findall(r"Fl -([\w-]+)", words)
        shorts = re.findall(r"Fl (\w)\b", words)
        found.update("--" + x for x in longs)
        if not longs:
            found.update("-" + x for x in shorts)
    return found


status, out, _ = run("help")
commands = re.findall(r"^  (\w+) +\S", out.split("Commands:")[1].split("Exit status")[0], re.M)
check("eyas help works and lists commands", [] if status == 0 and commands else [f"status {status}"])

top = page("eyas.1")
listed = re.findall(r"^\.It Cm (\w+)$", top, re.M)
check("eyas(1) lists exactly the commands that exist",
      [f"not in eyas(1): {c}" for c in commands if c not in listed] +
      [f"only in eyas(1): {c}" for c in listed if c not in commands])

for c in commands:
    name = f"eyas-{c}.1"
    if not os.path.exists(os.path.join(src, "man", name)):
        check(f"{c} has a manual page", [f"man/{name} is missing"])
        continue
    text = page(name)
    texts = [run(c, "--help")]
    # a command with subcommands documents the options of all of them in its page
    for sub in re.findall(r"^  (\w+)  ", texts[0][1], re.M):
        s = run(c, sub, "--help")
        if s[0] == 0:
            texts.append(s)
    helped = set().union(*(help_options(t[1]) for t in texts)) - {"--help"}
    paged = page_options(text) - {"--help"}
    check(f"{c}: --help works", [] if texts[0][0] == 0 else [f"exit status {texts[0][0]}: {texts[0][2]}"])
    check(f"{c}: options of --help and of {name} are the same",
          [f"not in the page: {o}" for o in sorted(helped - paged)] +
          [f"not in --help: {o}" for o in sorted(paged - helped)])
    status, _, err = run(c, "--no-such-option")
    check(f"{c}: an unknown option is wrong usage and says so",
          [] if status == 2 and "no-such-option" in err else [f"status {status}: {err!r}"])

with open(os.path.join(src, "src", "rules", "load_code.def"), encoding="utf-8") as f:
    codes = re.findall(r"^LOAD_CODE\((\w+), (\d)", f.read(), re.M)
paged = re.findall(r"^\.It Li (LOAD_\w+) Ta (error|warning)", page("eyas-rules.5"), re.M)
check("eyas-rules(5) lists the codes of load_code.def",
      sorted(set(paged) ^ {(c, "error" if e == "1" else "warning") for c, e in codes}))

if os.path.exists(capture):
    r = subprocess.run([capture, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    helped, paged = help_options(r.stdout) - {"--help"}, page_options(page("eyas-capture.1")) - {"--help"}
    check("eyas-capture: options of --help and of eyas-capture.1 are the same",
          [f"not in the page: {o}" for o in sorted(helped - paged)] +
          [f"not in --help: {o}" for o in sorted(paged - helped)] +
          ([] if r.returncode == 0 else [f"exit status {r.returncode}"]))
    r = subprocess.run([capture, "--no-such-option"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    check("eyas-capture: an unknown option is wrong usage and says so",
          [] if r.returncode == 2 and "no-such-option" in r.stderr else [f"status {r.returncode}: {r.stderr!r}"])

with open(os.path.join(src, "src", "rules", "load_code.def"), encoding="utf-8") as f:
    codes = set(re.findall(r"^LINT_CODE\((\w+)", f.read(), re.M))
paged = set(re.findall(r"^\.It Li (EYAS_\w+)$", page("eyas-rules.1"), re.M))
check("eyas-rules(1) lists what lint finds", sorted(codes ^ paged))

if mandoc:
    for f in sorted(glob.glob(os.path.join(src, "man", "*.[1-9]"))):
        r = subprocess.run([mandoc, "-T", "lint", "-W", "warning", f], capture_output=True, text=True)
        lines = [x for x in r.stdout.splitlines() if "referenced manual not found" not in x]
        check(f"{os.path.basename(f)} is clean mdoc", lines)

pages = {os.path.basename(f) for f in glob.glob(os.path.join(src, "man", "*.[1-9]"))}
missing = set()
for f in sorted(pages):
    for m in re.finditer(r"\.Xr (eyas[\w-]*) (\d)", page(f)):
        if f"{m.group(1)}.{m.group(2)}" not in pages:
            missing.add(f"{f} refers to {m.group(1)}({m.group(2)})")
check("pages refer to pages that exist", sorted(missing))

print(f"1..{len(results)}")
for i, (name, problems) in enumerate(results, 1):
    for p in problems:
        print("# " + p)
    print(("not ok" if problems else "ok") + f" {i} - {name}")
