"""eyas redact: secrets of all kinds in all places of 20 traces are gone afterwards, and the alerts are the same. TAP.

usage: redact.py EYAS SOURCE-TREE

What was written is unpacked and searched by the second reader of the format (tests/trace/independent_reader.py),
which shares no code with eyas. Secrets are made up here, so that no file of the tree looks as if it held one.
"""
import base64
import glob
import ipaddress
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import urllib.parse

eyas, src = sys.argv[1:3]
sys.path.insert(0, os.path.join(src, "tests", "trace"))
import independent_reader as reader  # noqa: E402

tmp = tempfile.mkdtemp()
RULES = os.path.join(src, "rules", "eyas_rules.yaml")
LOWER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
UPPER = LOWER.upper()
ALNUM = LOWER + UPPER + DIGITS
count = 0


def check(name, why):
    global count
    count += 1
    for line in (why or "").splitlines():
        print("#", line)
    print(("not ok" if why else "ok"), count, "-", name)


def run(*args, **more):
    return subprocess.run([eyas, *args], capture_output=True, text=True, errors="replace", **more)


def luhn(digits):
    total = 0
    for i, d in enumerate(reversed(digits)):
        d = int(d) * (2 if i % 2 else 1)
        total += d - 9 if d > 9 else d
    return total % 10 == 0


class Secrets:
    """One secret of each kind, as an attacker of the pseudonyms would look for it."""

    def __init__(self, seed):
        r = self.r = random.Random(seed)

        def of(chars, n):
            return "".join(r.choice(chars) for _ in range(n))

        def word(n):
            """Letters and digits, and surely both."""
            return of(LOWER, 2) + of(DIGITS, 2) + of(ALNUM, n - 4)

        card = next(c for c in ("4" + of(DIGITS, 15) for _ in range(1000)) if luhn(c))
        part = lambda d: base64.urlsafe_b64encode(json.dumps(d).encode()).decode().rstrip("=")  # noqa: E731
        self.user = of(LOWER, 7)
        self.host = "box" + word(5).lower() + ".hq." + of(LOWER, 6) + ".example"
        # Shapes that are known by themselves: they are planted bare.
        self.tokens = {
            "aws-key": "AKIA" + of(UPPER + "234567", 16),
            "github-token": "ghp_" + of(ALNUM, 36),
            "gitlab-token": "glpat-" + of(ALNUM + "_-", 19) + "z",
            "slack-token": "xoxb-" + of(DIGITS, 11) + "-" + of(ALNUM, 24),
            "npm-token": "npm_" + of(ALNUM, 36),
            "pypi-token": "pypi-" + of(ALNUM + "_-", 71) + "z",
            "google-key": "AIza" + of(ALNUM, 35),
            "stripe-key": "sk_live_" + of(ALNUM, 24),
            "vendor-token": "dckr_pat_" + of(ALNUM, 27),
            "jwt": f"{part({'alg': 'HS256'})}.{part({'sub': of(ALNUM, 8)})}.{of(ALNUM, 43)}",
            "card": card,
            "email": of(LOWER, 8) + "@" + of(LOWER, 8) + ".example.org",
            "password-hash": "$6$" + of(ALNUM, 8) + "$" + of(ALNUM, 86),
        }
        # Those that only what stands around them tells.
        self.named = {
            "aws-secret": of(ALNUM, 20) + "/" + of(ALNUM, 19),
            "password": word(12),
            "option": word(11),
            "glued": word(10),
            "short": word(6),
            "url-password": word(13),
            "auth-header": word(22),
            "basic": word(14),
            "cookie": word(18),
            "private-key": "\n".join(of(ALNUM + "+/", 64) for _ in range(3)),
            "ssh-key": "AAAAC3NzaC1lZDI1NTE5" + of(ALNUM, 48),
            "word": "Project " + word(7),
        }
        self.v4 = [str(ipaddress.ip_address(r.randrange(0x08000000, 0x09FFFFFF))) for _ in range(3)]
        self.v6 = str(ipaddress.ip_address(0x2A01 << 112 | r.getrandbits(100)))
        self.mac = ":".join("%02x" % b for b in [0x3C, *(r.randrange(256) for _ in range(5))])

    def needles(self):
        """What must not be found: name, bytes."""
        for kind, value in {**self.tokens, **self.named, "user": self.user, "host": self.host}.items():
            body = value
            if kind == "ssh-key":
                body = value[20:]  # what comes before is the name of the type
            if kind == "password-hash":
                body = value[3:]
            yield kind, body.encode()
            if kind == "private-key":
                for line in value.split("\n"):
                    yield kind, line.encode()
            if kind in ("user", "host", "short", "word"):
                continue
            raw = body.encode()
            yield kind + " in hexadecimal", raw.hex().encode()
            yield kind + " in a URL", urllib.parse.quote(body, safe="").encode()
            for skip in range(3):
                text = base64.b64encode(bytes(skip) + raw)
                front = skip + 1 if skip else 0
                yield kind + " in base64", text[front:(skip + len(raw)) * 8 // 6]
        yield "domain", self.host.split(".", 1)[1].encode()
        yield "short host", self.host.split(".")[0].encode()
        for a in [*self.v4, self.v6]:
            yield "address", a.encode()
            yield "address", ipaddress.ip_address(a).packed
        yield "mac", self.mac.encode()
        yield "mac", bytes.fromhex(self.mac.replace(":", ""))


def q(text):
    """A value of a script."""
    out = '"'
    for b in text.encode() if isinstance(text, str) else text:
        c = chr(b)
        out += "\\" + c if c in '\\"' else c if 32 <= b < 127 else "\\x%02x" % b
    return out + '"'


def args(*words):
    return "[" + ",".join(q(w) for w in words) + "]"


def packet(s):
    """Ethernet, IPv4, TCP and a request with a token."""
    body = b"GET / HTTP/1.1\r\nAuthorization: Bearer " + s.named["auth-header"].encode() + b"\r\n\r\n"
    tcp = (40000).to_bytes(2, "big") + (80).to_bytes(2, "big") + bytes(8) + b"\x50\x18\x01\x00\0\0\0\0" + body
    ip = b"\x45\0" + (20 + len(tcp)).to_bytes(2, "big") + b"\0\1\x40\0\x40\x06\0\0"
    ip += ipaddress.ip_address(s.v4[0]).packed + ipaddress.ip_address(s.v4[1]).packed
    mac = bytes.fromhex(s.mac.replace(":", ""))
    frame = mac + mac[:5] + b"\x7e" + b"\x08\x00" + ip + tcp
    return b"\x01\x04" + (1).to_bytes(2, "little") + len(frame).to_bytes(4, "little") + b"eth0" + frame


def plant(script, s, seed):
    """The script with every secret in many places."""
    n, t = s.named, s.tokens
    tokens = list(t.values())
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{n['private-key']}\n-----END RSA PRIVATE KEY-----\n"
    lines = script.rstrip("\n").split("\n")
    out, done, had_provenance = [], False, "\nprovenance " in script
    provenance = json.dumps({"recorder": "x", "hostname": s.host,
                             "command_line": ["eyas-capture", "--", "mysql", "-p" + n["glued"], "--host", s.v4[0]],
                             "deep": {"er": [t["github-token"], {t["npm-token"]: "and " + t["email"]}]}})
    pool = iter(range(seed, 10 ** 6))

    def some():
        """One token after the other."""
        return tokens[next(pool) % len(tokens)]

    snapshot = [
        f"user uid=1007 gid=1007 name={s.user} home=/home/{s.user} shell=/bin/bash",
        f"group gid=1007 name={s.user}",
        f"iface name=eth9 addr={s.v4[0]}/24",
        f"iface name=eth8 addr={s.v6}/64",
        f"thread tid=77001 comm=bash exe=/bin/bash exepath=/usr/bin/bash uid=1007 cwd=/home/{s.user}/{n['password']} "
        f"args={args('-c', 'echo ' + some(), '--token', n['option'])} "
        f"env={args('DB_PASSWORD=' + n['password'], 'AWS_SECRET_ACCESS_KEY=' + n['aws-secret'], 'X=' + some())} "
        f"cgroups={args('cpu=/user/' + some())}",
        f"thread tid=77002 comm=mysql exe=mysql args={args('-u', 'root', '-p' + n['glued'], '-h' + s.v4[2])}",
        f"fd tid=77001 fd=5 name={q('/tmp/' + some())} flags=O_RDONLY",
        f"fd tid=77001 fd=6 tuple={s.v4[0]}:4000->{s.v4[1]}:443",
        f"fd tid=77001 fd=7 tuple=[{s.v6}]:4000->[{s.v6}]:443",
        f"fd tid=77001 fd=8 type=unix name={q('/run/' + some())}",
        f"mount ns=1 id=900 parent=1 point={q('/home/' + s.user + '/m')} fstype=cifs source={q('//' + s.host + '/x')} "
        f"super={q('rw,username=' + s.user + ',password=' + n['option'] + ',addr=' + s.v4[1])}",
        f"cgroup path={q('/machine/' + some())} id=7",
    ]
    for line in lines:
        if line.startswith("machine "):
            line = re.sub(r"hostname=\S+", "hostname=" + s.host, line)
        if line.startswith("provenance "):
            line = "provenance " + provenance
        out.append(line)
        if not done and (line.startswith("machine ") or line == "eyas-script 1" and "\nmachine " not in script):
            if not had_provenance:
                out.insert(1 if out[0].startswith("eyas-script") else len(out), "provenance " + provenance)
            out += snapshot
            done = True

    def execve(exe, words, env=()):
        return (f"+1ms tid=77001 execve res=0 exe={exe} args={args(*words)} tid=77001 pid=77001 ptid=1 cwd=/tmp "
                f"comm={exe} env={args('PATH=/bin', *env)} tty=0 vpgid=1 loginuid=1007 flags=0 uid=1007 "
                f"trusted_exepath=/usr/bin/{exe} pgid=1 gid=1007 filename=/usr/bin/{exe}")

    basic = base64.b64encode(f"{s.user}:{n['basic']}".encode()).decode()
    payload = f"to {n['password']} {some()}\n{pem}".encode()
    half = len(t["github-token"]) // 2
    out += [
        execve("mysqldump", ["-uroot", "-p" + n["glued"], "db"], ["MYSQL_PWD=" + n["short"]]),
        execve("deploy", ["--password", n["option"], "--api-key=" + n["password"], "--user", s.user]),
        execve("curl", ["-H", "Authorization: Bearer " + n["auth-header"], "-H", "Cookie: sid=" + n["cookie"] + "; a=b",
                        f"https://{s.user}:{n['url-password']}@{s.v4[0]}/x?y={some()}"]),
        execve("curl", ["-H", "authorization: basic " + basic, "-u", s.user + ":" + n["password"], f"http://[{s.v6}]:80/"]),
        execve("sh", ["-c", f"PGPASSWORD='{n['password']}' psql -h {s.v4[1]}; sshpass -p {n['option']} ssh {s.user}@{s.host}"]),
        execve("ssh-add", [f"ssh-ed25519 {n['ssh-key']} {s.user}@{s.host.split('.')[0]}", t["password-hash"], s.mac],
               ["SSH_PRIVATE_KEY=" + pem, "MAIL=/var/mail/" + s.user]),
        execve("tool", ["--data", base64.b64encode(b"ab" + n["password"].encode() + b"c").decode(),
                        n["url-password"].encode().hex(), urllib.parse.quote(n["aws-secret"], safe=""),
                        "x" + n["cookie"] + "y", n["basic"]]),
        *(execve("tool", [tok, "--x=" + tok, "in the (" + tok + ") middle"], ["V=" + tok]) for tok in tokens),
        f"+1ms tid=77001 openat fd=9 dirfd=AT_FDCWD name={q('/home/' + s.user + '/' + n['option'])} flags=O_RDONLY mode=0",
        f"+1ms tid=77001 openat fd=9 dirfd=AT_FDCWD name={q('/tmp/' + n['word'] + '.txt')} flags=O_RDONLY mode=0",
        f"+1ms tid=77001 openat fd=9 dirfd=AT_FDCWD name={q('/tmp/' + n['private-key'].split(chr(10))[1])} flags=O_RDONLY mode=0",
        f"+1ms tid=77001 chdir res=0 path={q('/srv/' + some())}",
        f"+1ms tid=77001 read res={len(payload)} data={q(payload)} fd=9 size=9999",
        f"+1ms tid=77001 write res={half} data={q(t['github-token'][:half])} fd=9 size={half}",
        f"+1ms tid=77001 write res=20 data={q(t['github-token'][half:])} fd=9 size=20",
        f"+1ms tid=77001 connect res=0 tuple={s.v4[0]}:4001->{s.v4[2]}:443 fd=6 addr={s.v4[2]}:443",
        f"+1ms tid=77001 connect res=0 tuple=[{s.v6}]:4001->[{s.v6}]:443 fd=6 addr=[{s.v6}]:443",
        f"+1ms tid=77001 connect res=0 tuple={q('unix:1->0:/run/' + some())} fd=6 addr={q('unix:/run/' + some())}",
        f"+1ms tid=77001 memfd_create fd=10 name={q(some())} flags=0",
        f"+1ms tid=77001 symlink res=0 target={q('/home/' + s.user)} linkpath={q('/tmp/' + some())}",
        f"+1ms tid=none asyncevent plugin_id=0 name=packet data=hex:{packet(s).hex()}",
        f"+1ms tid=77001 @60000 0=hex:{('unknown ' + some()).encode().hex()}",
        f"note author={s.user} text={q('the key ' + some() + ' and ' + n['word'] + ' of ' + s.host + ' at ' + s.v4[1] + ' ' + s.mac)}",
        f"note text={q('password: ' + n['password'] + ' for ' + t['email'])}",
    ]
    return "\n".join(out) + "\n"


def unpacked(path):
    """All that is in the file, each stream by itself, and the file as it is."""
    data = open(path, "rb").read()
    yield data
    for kind, fields, streams, _ in reader.blocks(data):
        yield fields
        if kind != reader.SCHEMA:
            yield from streams.values()


def left_in(path, secrets):
    parts = list(unpacked(path))
    return sorted({name for name, needle in secrets.needles() for p in parts if needle in p})


def alerts(path):
    r = run("replay", "-r", RULES, "--all", "--summary=none", path)
    found = [json.loads(line) for line in r.stdout.splitlines()]
    return [(a["rule"], a["time"], a["priority"]) for a in found]


def base_scripts():
    good = os.path.join(src, "traces", "good")
    for path in sorted(glob.glob(os.path.join(good, "*", "*.eyt"))):
        if "k8s" not in path:
            yield os.path.relpath(path, good), open(path, encoding="utf-8").read()
    for path in sorted(glob.glob(os.path.join(good, "recorded-*", "trace.eyas"))):
        yield os.path.relpath(path, good), run("convert", "--to", "script", path, "-").stdout


bases = list(base_scripts())
random.Random(5).shuffle(bases)
bases = [b for b in bases if "web-intrusion" in b[0]] + [b for b in bases if "web-intrusion" not in b[0]]
words = os.path.join(tmp, "words")
kinds = set()
for i, (name, script) in enumerate(bases[:20]):
    s = Secrets(i)
    given, first, second = (os.path.join(tmp, f"{i}.{e}") for e in ("eyt", "1.eyas", "2.eyas"))
    with open(given, "w", encoding="utf-8") as f:
        f.write(plant(script, s, i))
    with open(words, "w", encoding="utf-8") as f:
        f.write(s.named["word"] + "\n")
    packed = os.path.join(tmp, f"{i}.eyas")
    why = ""
    r = run("convert", "-f", given, packed)
    if r.returncode:
        check(f"{name}: planted", r.stderr)
        continue
    there = set(left_in(packed, s))
    lacking = [k for k in [*s.tokens, *s.named, "user", "host", "address", "mac"] if k not in there and k != "private-key"]
    if lacking:
        why = f"not planted: {lacking}"
    r = run("redact", "--words", words, "--keep-rules", RULES, "--json", "-o", first, packed)
    if r.returncode or why:
        check(f"{name}: redacted", why or r.stderr)
        continue
    kinds |= {d["name"] for d in json.loads(r.stdout)["detectors"]}
    told = [n for n, needle in s.needles() if needle in (r.stdout + r.stderr).encode()]
    check(f"{name}: nothing is left", "\n".join(left_in(first, s)))
    check(f"{name}: nothing is told", "\n".join(told))
    before, after = alerts(packed), alerts(first)
    check(f"{name}: the same {len(before)} alerts", "" if before == after else f"{before}\n{after}")
    r = run("redact", "--words", words, "-o", second, first)
    same = r.returncode == 0 and open(first, "rb").read() == open(second, "rb").read()
    check(f"{name}: a second run changes nothing", "" if same else r.stderr or "other bytes")
    r = run("verify", first)
    check(f"{name}: it is a good trace", "" if r.returncode == 0 else r.stdout + r.stderr)
check("all kinds were found", "\n".join(sorted(
    {"aws-key", "aws-secret", "github-token", "gitlab-token", "slack-token", "npm-token", "pypi-token", "google-key",
     "stripe-key", "vendor-token", "jwt", "auth-header", "cookie", "url-password", "private-key", "ssh-key", "password",
     "password-hash", "card", "email", "user", "host", "address", "mac", "word", "payload"} - kinds)))


def redact(to, given, *more):
    """Exit status 0 and bytes; else what it said."""
    r = run("redact", "-f", "-o", to, *more, given)
    return r.stderr if r.returncode else ""


def content(path):
    return open(path, "rb").read()


def at(name):
    return os.path.join(tmp, name)


for trace in sorted(glob.glob(os.path.join(src, "traces", "good", "k8s-*", "incident.json")) +
                    glob.glob(os.path.join(src, "traces", "good", "*.scap"))):
    why = redact(at("a.eyas"), trace, "--keep-rules", os.path.join(src, "rules"), "--detect", "all")
    why = why or redact(at("b.eyas"), at("a.eyas"), "--detect", "all")
    check(f"{os.path.basename(os.path.dirname(trace))}/{os.path.basename(trace)}: alerts stay, and a second run changes nothing",
          why or ("" if content(at("a.eyas")) == content(at("b.eyas")) else "other bytes"))

s = Secrets(100)
name, script = bases[0]
with open(at("given.eyt"), "w", encoding="utf-8") as f:
    f.write(plant(script, s, 100))

# Every way of treating contents and environments; private addresses too.
for payload in ("redact", "drop", "scan"):
    for env in ("redact", "drop", "scan"):
        more = ("--payload", payload, "--env", env, "--detect", "all", "--word", s.named["word"])
        why = redact(at("a.eyas"), at("given.eyt"), *more)
        why = why or "\n".join(left_in(at("a.eyas"), s)) or redact(at("b.eyas"), at("a.eyas"), *more)
        check(f"--payload {payload} --env {env}: nothing is left, and a second run changes nothing",
              why or ("" if content(at("a.eyas")) == content(at("b.eyas")) else "other bytes"))

with open(at("key"), "wb") as f:
    f.write(bytes(range(32)))
why = (redact(at("a.eyas"), at("given.eyt"), "--key", at("key")) or redact(at("b.eyas"), at("given.eyt"), "--key", at("key")) or
       redact(at("c.eyas"), at("given.eyt")))
check("the same key gives the same bytes", why or ("" if content(at("a.eyas")) == content(at("b.eyas")) else "other bytes"))
check("without a key every run has its own", "" if content(at("a.eyas")) != content(at("c.eyas")) else "the same bytes")
check("the key is nowhere", "" if bytes(range(32)) not in b"".join(unpacked(at("a.eyas"))) else "it is in the trace")

# Two traces of one key name the user alike; together they are still redacted.
other = bases[1][1]
host, s.host = s.host, "boxother1.hq.example.example"
with open(at("other.eyt"), "w", encoding="utf-8") as f:
    f.write(plant(other, s, 100))
s.host = host
why = redact(at("b.eyas"), at("other.eyt"), "--key", at("key"))
users = [set(re.findall(r"user uid=1007 .*?name=(\S+)", run("convert", "--to", "script", at(x), "-").stdout))
         for x in ("a.eyas", "b.eyas")]
check("two traces of one key name the user alike", why or ("" if users[0] == users[1] != {s.user} else f"{users}"))
r = run("merge", "-f", "-o", at("merged.eyas"), at("a.eyas"), at("b.eyas"))
why = r.stderr if r.returncode else redact(at("m1.eyas"), at("merged.eyas")) or redact(at("m2.eyas"), at("m1.eyas"))
replaced = json.loads(run("redact", "-f", "--json", "-o", at("m1.eyas"), at("merged.eyas")).stdout or "{}").get("replaced")
check("nothing is left to do in two redacted traces that were merged", why or ("" if replaced == 0 else f"{replaced} replaced"))

# What is added to a redacted trace is replaced, and the rest stays.
token = s.tokens["github-token"]
run("annotate", "--author", s.user, "-m", f"found {token}", "--time", "@1", at("a.eyas"))
r = run("redact", "-f", "--json", "-o", at("b.eyas"), at("a.eyas"))
places = {p["place"] for d in json.loads(r.stdout or '{"detectors": []}')["detectors"] for p in d["places"]}
check("a note that was added later is all that is replaced", r.stderr if r.returncode else
      "\n".join([k for k in left_in(at("b.eyas"), s) if k in ("github-token", "user")]) or
      ("" if places == {"note text", "note author"} else f"{places}"))

# The name of the file that a part was cut out of stands in its provenance.
named = at(f"of {token} and {s.tokens['email']}.eyas")
os.rename(at("given.eyt"), named)
r = run("slice", "-f", "--events", "1-5", "-o", at("part.eyas"), named)
before = left_in(at("part.eyas"), s)
why = r.stderr if r.returncode else redact(at("b.eyas"), at("part.eyas"), "--word", s.named["word"])
check("the provenance keeps no name of a file", why or ("" if "github-token" in before else "it was not there") or
      "\n".join(left_in(at("b.eyas"), s)))

# Of what nothing can be read, nothing is written; of what is cut, what could be read is.
for what, data, kept in (("an empty file", b"", False), ("bytes of no format", b"\x00\x01\x02", False),
                         ("a trace that is cut", content(packed)[:-400], True)):
    with open(at("bad"), "wb") as f:
        f.write(data)
    r = run("redact", "-o", at("of-bad.eyas"), at("bad"))
    why = f"{r.returncode}: {r.stderr}" if r.returncode != 3 else ""
    check(f"{what}: damaged", why or ("" if os.path.exists(at("of-bad.eyas")) == kept else "written, or not"))
print(f"1..{count}")
