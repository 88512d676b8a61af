"""
Runs the data-driven tests of the state engine (tests/state/*.events) and prints TAP.

A file holds tests:

    test a child has its parent's descriptors
    snapshot
    thread tid=10 comm=sh cwd=/root
    tid=10 clone res=20 exe=sh tid=10 pid=10 ptid=1 flags=0
    expect
    thread 20 ptid=10 comm="sh"
      fd 3 name="/etc/passwd" -connected
    !thread 30

What stands between `test` and `expect` is a text script (eyas-script(5)) without its first line. `expect`
looks at the state after the last event, `expect N` after event N. An expected line names a line of the
dump by its first two words (descriptors: of the thread above them), and words that it must have, or
with a `-` in front must not: `-key` or `-word`. `!` in front: there is no such line.
Lines that begin with # are comments, everywhere.
"""

import os
import subprocess
import sys
import tempfile


class Test:
    def __init__(self, name, line):
        self.name = name
        self.line = line
        self.script = []
        self.expects = []  # (event number or "", [line])


def parse(path):
    tests = []
    into = None
    with open(path, encoding="utf-8") as f:
        for number, raw in enumerate(f, 1):
            line = raw.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("test "):
                tests.append(Test(line[5:], number))
                into = tests[-1].script
            elif line.split()[0] == "expect":
                words = line.split()
                tests[-1].expects.append((words[1] if len(words) > 1 else "", []))
                into = tests[-1].expects[-1][1]
            else:
                into.append(line)
    return tests


def words_of(line):
    """Words of a dump line; quoted values keep their quotes."""
    words, word = [], ""
    quoted = False
    for i, c in enumerate(line):
        if c == '"' and (i == 0 or line[i - 1] != "\\"):
            quoted = not quoted
        if c == " " and not quoted:
            if word:
                words.append(word)
            word = ""
        else:
            word += c
    return words + ([word] if word else [])


def index(dump):
    """(thread or "", kind, id) -> words after those two."""
    lines = {}
    owner = ""
    for line in dump.splitlines():
        words = words_of(line)
        if len(words) < 2:
            continue
        if line.startswith(" "):
            lines[(owner, words[0], words[1])] = words[2:]
        else:
            owner = words[0] + " " + words[1]
            lines[("", words[0], words[1])] = words[2:]
    return lines


def problems(expected, dump):
    lines = index(dump)
    owner = ""
    for line in expected:
        absent = line.strip().startswith("!")
        words = words_of(line.replace("!", "", 1) if absent else line)
        inner = line.startswith(" ")
        if not inner:
            owner = words[0] + " " + words[1]
        key = (owner if inner else "", words[0], words[1])
        if absent:
            if key in lines:
                yield f"there is: {' '.join(words[:2])} {' '.join(lines[key])}"
            continue
        if key not in lines:
            yield f"there is no: {line.strip()}"
            continue
        have = lines[key]
        for word in words[2:]:
            if word.startswith("-"):
                bad = [h for h in have if h == word[1:] or h.startswith(word[1:] + "=")]
                if bad:
                    yield f"{' '.join(words[:2])} has {bad[0]}"
            elif word not in have:
                yield f"{' '.join(words[:2])} has not {word}: {' '.join(have)}"


def run(test, program, directory):
    script = os.path.join(directory, "test.eyt")
    with open(script, "w", encoding="utf-8") as f:
        f.write("eyas-script 1\n" + "\n".join(test.script) + "\n")
    found = []
    for number, expected in test.expects:
        got = subprocess.run([program, script] + ([number] if number else []), capture_output=True,
                             env=dict(os.environ, DUMP_STATE_CHECK="1"), check=False)
        if got.returncode != 0:
            found.append(got.stderr.decode(errors="replace").strip() or f"exit {got.returncode}")
            break
        found += problems(expected, got.stdout.decode(errors="replace"))
    if not test.expects:
        found.append("nothing is expected")
    return found


def main():
    program, files = sys.argv[1], sys.argv[2:]
    n = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for path in files:
            for test in parse(path):
                n += 1
                found = run(test, program, directory)
                failed += bool(found)
                print(("not ok " if found else "ok ") + f"{n} - {test.name}")
                for line in found:
                    print(f"# {os.path.basename(path)}:{test.line}: {line}")
    print(f"1..{n}")
    return 1 if failed else 0


sys.exit(main())
