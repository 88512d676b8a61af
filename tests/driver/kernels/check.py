#!/usr/bin/env python3
"""check.py --eyas EYAS --expect FILE --console FILE --out DIR: what a guest sent, against what must be in it.

Each line of the expectations becomes a rule; the trace is replayed with all of them, and each has to fire as often
as its line says. Says what is wrong, one line each; exit 1 then.
"""
import argparse
import base64
import collections
import io
import json
import os
import re
import subprocess
import sys
import tarfile


def payload(console, out):
    """Takes the archive out of a console's text. Returns an error or None."""
    text = open(console, "rb").read().decode("latin-1").replace("\r", "")
    if "-----BEGIN EYAS-----" not in text:
        tail = "\n".join("| " + line for line in text.splitlines()[-15:])
        return f"the guest did not come as far as to send its trace; the end of its console:\n{tail}"
    body = text.split("-----BEGIN EYAS-----", 1)[1]
    if "-----END EYAS-----" not in body:
        return "the guest stopped while it sent its trace"
    body = body.split("-----END EYAS-----", 1)[0]
    # a message of the kernel between two lines is no base64
    lines = [line for line in body.split("\n") if re.fullmatch(r"[A-Za-z0-9+/=]+", line)]
    data = base64.b64decode("".join(lines))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar.getmembers():
            if member.isfile() and "/" not in member.name:
                with open(os.path.join(out, member.name), "wb") as f:
                    f.write(tar.extractfile(member).read())
    return None


def pairs(path):
    with open(path, encoding="utf-8") as f:
        return dict(line.split(None, 1) for line in f.read().splitlines() if " " in line)


def expectations(path, names):
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line and not line.startswith("#"):
            count, condition = line.split(None, 1)
            yield int(count), re.sub(r"\{(\w+)\}", lambda m: names[m.group(1)], condition)


def check(a, status, form):
    """One of the two recordings; True when something is wrong with it."""
    log = open(os.path.join(a.out, form + ".log"), encoding="utf-8", errors="replace").read()
    names = pairs(os.path.join(a.out, form + ".witness"))
    if status.get(form) != "0" or "pid" not in names or "killed" not in names:
        print(f"eyas-capture exited with {status.get(form)} on {status.get('kernel')}, {form} tracepoints; "
              "the end of what it said:")
        print("\n".join("| " + line for line in log.splitlines()[-20:]))
        return True

    wanted = list(expectations(a.expect, names))
    if names.get("compat_close") == "-9":
        wanted.append((1, 'evt.type=close and evt.rawarg.fd=-1 and evt.res=EBADF'))
    rules = os.path.join(a.out, form + ".rules.yaml")
    with open(rules, "w", encoding="utf-8") as f:
        for i, (_, condition) in enumerate(wanted):
            f.write(f"- rule: r{i}\n  desc: made from expect.txt\n  priority: NOTICE\n"
                    f"  output: x\n  condition: >\n    {condition}\n")
    done = subprocess.run([a.eyas, "replay", "-q", "--json", "--rule-matching", "all", "-r", rules,
                           os.path.join(a.out, form + ".eyas")], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"eyas replay: exit status {done.returncode}: {done.stderr}")
        return True
    fired = collections.Counter(json.loads(line)["rule"] for line in done.stdout.splitlines())
    wrong = 0
    for i, (count, condition) in enumerate(wanted):
        if fired[f"r{i}"] != count:
            print(f"{fired[f'r{i}']} times, not {count}: {condition}")
            wrong += 1
    notes = [line for line in log.splitlines() if line.endswith("[DRIVER]")]
    print(f"{status['kernel']}, {form} tracepoints: {len(wanted) - wrong} of {len(wanted)} conditions hold" +
          "".join(f"; {n}" for n in notes))
    return wrong != 0


def main():
    p = argparse.ArgumentParser()
    for name in ("eyas", "expect", "console", "out"):
        p.add_argument("--" + name, required=True)
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    error = payload(a.console, a.out)
    if error:
        print(error)
        return 1

    status = pairs(os.path.join(a.out, "status"))
    wrong = 0
    for form in ("typed", "raw"):
        wrong += check(a, status, form)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
