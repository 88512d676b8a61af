"""What loading rules costs as they grow: rulesets of one shape at n, 2n and 4n, checked with and without lint.

Linear means that the last column, the time of 4n over that of n, is about 4. Best of three runs; the time of an
empty file (starting the program) is taken off.
"""
import argparse
import os
import subprocess
import tempfile
import time

RULE = """- rule: {}
  desc: d
  condition: {}
  output: file %fd.name by %proc.name
  priority: INFO
"""


def items(n, form="item{}"):
    return "- list: big\n  items: [" + ", ".join(form.format(i) for i in range(n)) + "]\n"


def one_list(n):
    return items(n) + RULE.format("r", "evt.type = openat and proc.name in (big)")


def list_in_rules(n):
    return items(10000) + "".join(
        RULE.format(f"r{i}", f"evt.type = openat and fd.name = /x/{i} and proc.name in (big)") for i in range(n))


def list_among_alternatives(n):
    return items(10000) + "".join(
        RULE.format(f"r{i}", f"evt.type = openat and (fd.name = /x/{i} or proc.name in (big))") for i in range(n))


def list_in_exceptions(n):
    return items(10000) + "".join(
        RULE.format(f"r{i}", f"evt.type = openat and fd.name = /x/{i}") +
        "  exceptions:\n    - name: e\n      fields: [proc.name]\n      comps: [in]\n      values: [[[big]]]\n" for i in range(n))


def rules(n):
    return "".join(
        RULE.format(f"r{i}", f"evt.type in (open, openat) and fd.name startswith /etc/{i} and not proc.name in (a{i}, b)")
        for i in range(n))


def alike_rules(n):
    return "".join(
        RULE.format(f"r{i}", f"evt.type = openat and fd.name startswith /etc/ and (proc.name = a{i} or proc.pname = p{i})")
        for i in range(n))


def deep_macros(n):
    macros = "".join(f"- macro: m{i}\n  condition: m{i - 1} and proc.name != x{i}\n" for i in range(1, n))
    return "- macro: m0\n  condition: evt.type = open\n" + macros + RULE.format("r", f"m{n - 1}")


def wide_macros(n):
    macros = "".join(f"- macro: m{i}\n  condition: proc.name = x{i}\n" for i in range(n))
    return macros + RULE.format("r", "evt.type = open and (" + " or ".join(f"m{i}" for i in range(n)) + ")")


def exceptions(n):
    values = "".join(f"        - [n{i}, /f/{i}]\n" for i in range(n))
    return RULE.format("r", "evt.type = open and proc.name != q") + (
        "  exceptions:\n    - name: e\n      fields: [proc.name, fd.name]\n      values:\n" + values)


def paths(n):
    return items(n, "/dir/sub{}/file") + RULE.format("r", "evt.type = openat and fd.name pmatch (big)")


def appends(n):
    first = "- list: l\n  items: [a]\n" + RULE.format("r", "evt.type = openat")
    return first + "".join(
        f"- list: l\n  items: [x{i}]\n  override: {{items: append}}\n"
        f"- rule: r\n  condition: or proc.name = y{i}\n  override: {{condition: append}}\n" for i in range(n))


SHAPES = [  # what, the function, n
    ("items in a list", one_list, 10000),
    ("rules with a list of 10,000", list_in_rules, 500),
    ("rules with it among alternatives", list_among_alternatives, 500),
    ("rules with it in an exception", list_in_exceptions, 500),
    ("rules", rules, 2750),
    ("rules that are alike", alike_rules, 2750),
    ("macros deep", deep_macros, 240),
    ("macros in one condition", wide_macros, 2500),
    ("values of an exception", exceptions, 2500),
    ("paths of a pmatch", paths, 5000),
    ("appends to a list and a rule", appends, 2500),
]

ap = argparse.ArgumentParser()
ap.add_argument("--eyas", default="./eyas")
eyas = os.path.abspath(ap.parse_args().eyas)


def seconds(path, *options):
    best, out = None, None
    for _ in range(3):
        t = time.monotonic()
        out = subprocess.run([eyas, "rules", "check", *options, path], capture_output=True, text=True)
        t = time.monotonic() - t
        best = t if best is None or t < best else best
    return best, out


with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "rules.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write("[]\n")
    start = seconds(path)[0]
    print(f"{'n':>7} {'KiB':>6} {'load ms':>8} {'+ lint':>8} {'4n/n':>5}  what")
    for what, make, n in SHAPES:
        first = None
        for size in (n, 2 * n, 4 * n):
            with open(path, "w", encoding="utf-8") as f:
                f.write(make(size))
            load, out = seconds(path, "--no-lint")
            lint, _ = seconds(path)
            assert out.returncode == 0, out.stderr
            load, lint = max(load - start, 1e-4), max(lint - start, 1e-4)
            first = first or lint
            ratio = f"{lint / first:5.1f}" if size == 4 * n else " " * 5
            kib = os.path.getsize(path) / 1024
            print(f"{size:7} {kib:6.0f} {load * 1e3:8.1f} {lint * 1e3:8.1f} {ratio}  {what}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(deep_macros(2000))
    t, out = seconds(path)
    print(f"   2000                          {'':5}  macros deep: {t * 1e3:.1f} ms, exit {out.returncode}: "
          + out.stderr.splitlines()[0].split(": ", 1)[1])
