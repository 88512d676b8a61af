"""Runs the data-driven tests of conditions: conditions.py FILE.conditions...

A test is a block of lines; blocks are separated by blank lines, lines that begin with # are comments.

    condition: proc.name in (a, b)
    given: proc.name = a              a value; again for a list's next value
    given: x.y charbuf[] = b          declares a field first
    expect: true                      or false

    condition: proc.nam = x
    error: MESSAGE                    what `eyas filter check` says, and below it
        proc.nam = x                  the excerpt and the caret, as they are printed
        ^

Several conditions before one `expect` each must give it, with the same values. $EYAS is the binary.
"""
import os
import subprocess
import sys

EYAS = os.environ.get("EYAS", "./eyas")


def run(*args):
    p = subprocess.run([EYAS, "filter"] + list(args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return (p.returncode, p.stdout.decode("utf-8", "surrogateescape"), p.stderr.decode("utf-8", "surrogateescape"))


def blocks(path):
    """(line number, lines) of each block."""
    block, first = [], 0
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if line:
                first = first if block else number
                block.append(line)
            elif block:
                yield first, block
                block = []
    if block:
        yield first, block


def options(given):
    out = []
    for text in given:
        name, value = text.split(" = ", 1) if " = " in text else (text.removesuffix(" ="), "")
        if " " in name:
            name, kind = name.split(" ", 1)
            if ["--type", "%s=%s" % (name, kind)] not in [out[i:i + 2] for i in range(len(out))]:
                out += ["--type", "%s=%s" % (name, kind)]
        out += ["--set", "%s=%s" % (name, value)]
    return out


def try_block(lines):
    """None, or what went wrong."""
    conditions, given, want, error = [], [], None, None
    for line in lines:
        key, _, rest = line.partition(": ")
        if error is not None and line.startswith("    "):
            error.append(line)
        elif key == "condition":
            conditions.append(rest)
        elif key == "given":
            given.append(rest)
        elif key == "expect":
            want = rest
        elif key == "error":
            error = [rest]
        else:
            return "cannot read the line: " + line
    for condition in conditions:
        if error:
            status, _, err = run("check", condition)
            got = [line.split(": error: ", 1)[-1] if i == 0 else line for i, line in enumerate(err.splitlines())]
            if status != 2 or got != error:
                return "%s: exit %d\nexpected %s\ngot      %s" % (condition, status, error, got)
        else:
            status, out, err = run("eval", *options(given), condition)
            if out.strip() != want:
                return "%s: expected %s, got %s (exit %d)\n%s" % (condition, want, out.strip(), status, err)
    return None


def main():
    number = 0
    for path in sys.argv[1:]:
        for line, lines in blocks(path):
            number += 1
            wrong = try_block(lines)
            name = "%s:%d %s" % (os.path.basename(path), line, lines[0].replace("#", "\\#"))
            if wrong:
                print("\n".join("# " + text for text in wrong.splitlines()))
            print("%s %d - %s" % ("not ok" if wrong else "ok", number, name))
    print("1..%d" % number)


main()
