"""What the groups of the conformance runner share: results, and how eyas is run."""
import json
import os
import subprocess
import tempfile

PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"


class Result:
    """One case: its name, what became of it, and text that says why."""

    def __init__(self, status, name, detail=""):
        self.status, self.name, self.detail = status, name, detail


def passed(name, detail=""):
    return Result(PASSED, name, detail)


def failed(name, detail):
    return Result(FAILED, name, detail)


def skipped(name, why):
    """Only for what a case's `requires` names and is not built, never for being hard."""
    return Result(SKIPPED, name, why)


def check(name, expected, got, what=""):
    """Passed when both are equal, else failed with both."""
    if expected == got:
        return passed(name)
    return failed(name, "%sexpected %s\n%sgot      %s" % (what and what + ": ", show(expected),
                                                         what and what + ": ", show(got)))


def show(value, limit=2000):
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= limit else text[:limit] + "..."


class Output:
    """What a run of eyas gave: status (negative: killed by a signal), text of both streams."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class Context:
    """Where things are; `data` is the directory with cases/, captures/, fields/ ..."""

    def __init__(self, data, eyas, case, verbose):
        self.data, self.eyas, self.case, self.verbose = data, eyas, case, verbose

    def path(self, *parts):
        return os.path.join(self.data, *parts)

    def wanted(self, name):
        """The case was not left out with --case."""
        return not self.case or self.case in name

    def _environment(self, env):
        full = dict(os.environ, LC_ALL="C", TZ="UTC")
        full.update(env or {})
        return full

    def run(self, *args, stdin=b"", env=None, cwd=None, timeout=120):
        """Runs eyas with arguments; text is decoded so that any bytes survive a round trip."""
        if isinstance(stdin, str):
            stdin = stdin.encode("utf-8", "surrogateescape")
        try:
            p = subprocess.run([self.eyas] + [str(a) for a in args], input=stdin, cwd=cwd,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=self._environment(env), timeout=timeout)
        except subprocess.TimeoutExpired:
            return Output(-14, "", "timed out after %d s" % timeout)
        return Output(p.returncode, p.stdout.decode("utf-8", "surrogateescape"),
                      p.stderr.decode("utf-8", "surrogateescape"))

    def lines(self, *args, env=None):
        """Runs eyas and gives its output line by line (bytes), for output too large to hold.

        A status other than 0 is a RuntimeError with what eyas said.
        """
        with tempfile.TemporaryFile() as err:
            p = subprocess.Popen([self.eyas] + [str(a) for a in args], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=err, env=self._environment(env))
            yield from p.stdout
            p.stdout.close()
            if p.wait() != 0:
                err.seek(0)
                raise RuntimeError("exit status %d: %s" %
                                   (p.returncode, err.read().decode("utf-8", "replace")))

    def zstd_lines(self, *parts):
        """Lines (bytes) of a .zst file below the data directory."""
        p = subprocess.Popen(["zstd", "-dcq", self.path(*parts)], stdout=subprocess.PIPE)
        yield from p.stdout
        p.stdout.close()
        p.wait()

    def json(self, *parts):
        """A JSON file below the data directory; lone surrogates stand for raw bytes."""
        with open(self.path(*parts), encoding="utf-8") as f:
            return json.load(f)

    def names(self, *parts):
        """Sorted names in a directory below the data directory; none if it is absent."""
        d = self.path(*parts)
        return sorted(os.listdir(d)) if os.path.isdir(d) else []
