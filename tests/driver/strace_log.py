"""What strace -ff -xx -v wrote about one thread: calls, signals, the end."""
import os
import re

# results that only a tracer sees
RESTARTS = {"ERESTARTSYS": 512, "ERESTARTNOINTR": 513, "ERESTARTNOHAND": 514, "ERESTART_RESTARTBLOCK": 516}
OPEN, CLOSE = "([{", ")]}"


class Call:
    """A system call: args are strace's texts; ret is None for a call that did not return."""

    def __init__(self, name, args, ret, note, compat, line):
        self.name, self.args, self.ret, self.note = name, args, ret, note
        self.compat, self.line = compat, line


class Signal:
    def __init__(self, name, fields, line):
        self.name, self.fields, self.line = name, fields, line


class End:
    """of the thread; a first thread that another one's exec replaces has neither code nor signal."""

    def __init__(self, code, signal, core, line):
        self.code, self.signal, self.core, self.line = code, signal, core, line


def scan(text, start, stops):
    """Index of the first of `stops` at the top level of text from start on; len(text) if there is none."""
    depth, i = 0, start
    while i < len(text):
        ch = text[i]
        if depth == 0 and ch in stops:
            return i
        if ch == '"':
            i = text.index('"', i + 1)
        elif text.startswith("/*", i):
            i = text.index("*/", i) + 1
        elif ch in OPEN:
            depth += 1
        elif ch in CLOSE:
            depth -= 1
        i += 1
    return len(text)


def split(text):
    parts, at = [], 0
    while at < len(text):
        end = scan(text, at, ",")
        parts.append(text[at:end].strip())
        at = end + 1
    return parts


def fields(text):
    """{a=1, b={...}} as a dictionary of texts."""
    inner = text[text.index("{") + 1 : text.rindex("}")]
    return dict(p.split("=", 1) for p in split(inner) if "=" in p)


def elements(text):
    """[a, b] as a list of texts; what was before a change, if strace shows both."""
    end = scan(text, 1, "]")
    return split(text[1:end])


def string(text):
    """The bytes of a string that strace shows as "\\x..", or None for NULL and for an address it could not read."""
    m = re.match(r'^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?', text)
    return bytes.fromhex(m.group(1).replace("\\x", "")) if m else None


def errno_of(name):
    import errno

    if name in RESTARTS:
        return RESTARTS[name]
    return {"ENOTSUPP": 524}.get(name) or getattr(errno, name)


def result(text):
    m = re.match(r"^\? (E\w+)", text) or re.match(r"^-1 (E\w+)", text)
    if m:
        return -errno_of(m.group(1)), text[m.end() :]
    m = re.match(r"^(0x[0-9a-f]+|-?\d+)(.*)$", text)
    if m:
        text = m.group(1)
        octal = len(text) > 1 and text[0] == "0" and text.isdigit()  # umask
        return int(text, 8 if octal else 0), m.group(2)
    return None, text


def parse_line(line, compat):
    m = re.match(r"^\+\+\+ exited with (\d+) \+\+\+", line)
    if m:
        return End(int(m.group(1)), None, False, line)
    m = re.match(r"^\+\+\+ killed by (\w+)( \(core dumped\))? \+\+\+", line)
    if m:
        return End(None, m.group(1), bool(m.group(2)), line)
    if line.startswith("+++ superseded by execve"):
        return End(None, None, False, line)
    m = re.match(r"^--- (SIG\w+) (\{.*\}) ---", line)
    if m:
        return Signal(m.group(1), fields(m.group(2)), line)
    m = re.match(r"^<\.\.\. (\w+) resumed>", line)
    if m:
        ret, note = result(line.rsplit(" = ", 1)[1])
        return Call(m.group(1), None, ret, note, compat, line)
    m = re.match(r"^(\w+)\(", line)
    if not m:
        return None
    end = scan(line, m.end(), ")")
    args = split(line[m.end() : end])
    m2 = re.match(r"^\)\s*= (.*)$", line[end:])
    if m2:
        ret, note = result(m2.group(1))
    else:
        ret, note = None, line[end:]
    return Call(m.group(1), args, ret, note, compat, line)


def read(path, compat):
    with open(path, encoding="ascii") as f:
        return [e for e in (parse_line(line.rstrip("\n"), compat) for line in f) if e]


def read_all(prefix, compat):
    """{tid: entries} of all files prefix.TID; compat: some of the calls are 32-bit ones."""
    folder, base = os.path.split(prefix)
    return {
        int(name[len(base) + 1 :]): read(os.path.join(folder, name), compat)
        for name in os.listdir(folder)
        if name.startswith(base + ".")
    }
