"""Runs the commands of doc/walkthrough.md, where the traces and rules of the source tree are, and compares their output with
what stands there. TAP."""
import difflib
import os
import subprocess
import sys
import tempfile

src, eyas = sys.argv[1:3]
page = os.path.join(src, "doc", "walkthrough.md")
update = bool(os.environ.get("UPDATE_GOLDEN"))

with tempfile.TemporaryDirectory() as work:
    os.symlink(os.path.abspath(eyas), os.path.join(work, "eyas"))
    place = os.path.join(work, "place")  # what a command writes goes here
    os.mkdir(place)
    for name in ("traces", "rules"):
        os.symlink(os.path.join(os.path.abspath(src), name), os.path.join(place, name))
    env = {**os.environ, "PATH": work + os.pathsep + os.environ["PATH"], "LC_ALL": "C"}

    def run(command):
        r = subprocess.run(["sh", "-c", command], cwd=place, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return (r.stdout + r.stderr).splitlines()

    with open(page, encoding="utf-8") as f:
        lines = f.read().splitlines()
    written, results, inside, command, want = [], [], False, None, []

    def end_command():
        if command is None:
            return
        got = run(command)
        written.extend(got)
        results.append((command, want, got))

    for line in lines:
        if not inside:
            inside = line == "```console"
            written.append(line)
        elif line == "```" or line.startswith("$ "):
            end_command()
            command, want = None, []
            written.append(line)
            if line == "```":
                inside = False
            else:
                command = line[2:]
        else:
            want.append(line)

if update:
    with open(page, "w", encoding="utf-8") as f:
        f.write("\n".join(written) + "\n")
print(f"1..{len(results)}")
for n, (command, want, got) in enumerate(results, 1):
    if command.startswith("eyas report -r") and os.environ.get("REPORT_PAGE_BUILT") == "no":
        print(f"ok {n} - {command} # SKIP eyas was built without the page")
        continue
    good = update or want == got
    if not good:
        for d in difflib.unified_diff(want, got, "the page", "the command", lineterm=""):
            print("# " + d)
    print(("ok" if good else "not ok") + f" {n} - {command}")
