#!/usr/bin/env python3
"""Writes the small hand-made .scap captures under traces/good and traces/bad.

Run in the source tree: python3 traces/make_scap.py. What it writes is in git; it is run again only to add
a capture. Built from the format's description alone, so that it also checks eyas's own reader and writer.
"""
import gzip
import io
import os
import struct

here = os.path.dirname(os.path.abspath(__file__))
T0 = 1600000000 * 10**9


def le(fmt, *v):
    return struct.pack("<" + fmt, *v)


def s16(text):
    b = text if isinstance(text, bytes) else text.encode()
    return le("H", len(b)) + b


def block(kind, body, trailer=None, length=None):
    body += b"\0" * (-len(body) % 4)
    n = len(body) + 12 if length is None else length
    return le("II", kind, n) + body + le("I", n if trailer is None else trailer)


def shb(major=1, minor=2, options=b""):
    return block(0x0A0D0D0A, le("IHHQ", 0x1A2B3C4D, major, minor, 2**64 - 1) + options)


def machine(host="web-1", cpus=2):
    return block(0x201, le("IQQ", cpus, 4 << 30, 4194304) + host.encode().ljust(128, b"\0") +
                 le("QQQQ", T0 - 10**12, 1, 0, 0))


def with_len(entry, itself):
    return le("I", len(entry) + (4 if itself else 0)) + entry


def interfaces(version=2):
    one = [le("HH", 1, 4) + bytes([10, 0, 0, 1, 255, 255, 255, 0, 10, 0, 0, 255]) + le("Q", 10**9) + b"eth0",
           le("HH", 2, 2) + bytes(15) + b"\1" + bytes(32) + le("Q", 0) + b"lo",
           le("HH", 3, 3) + bytes([127, 0, 0, 1, 255, 0, 0, 0, 0, 0, 0, 0]) + b"lo0"]
    if version == 1:
        return block(0x205, b"".join(one))
    return block(0x219, b"".join(with_len(e, False) for e in one))


def users(version=2):
    all_ = [b"\0" + le("II", 0, 0) + s16("root") + s16("/root") + s16("/bin/bash"),
            b"\0" + le("II", 1000, 1000) + s16("ada") + s16("/home/ada") + s16("/bin/sh"),
            b"\1" + le("I", 1000) + s16("staff")]
    if version == 1:
        return block(0x206, b"".join(all_))
    return block(0x220, b"".join(with_len(e, True) for e in all_))


PL = [0, 0x202, 0x207, 0x209, 0x210, 0x211, 0x212, 0x213, 0x214, 0x215]


def process(version, tid, comm, tail=b""):
    e = le("QQQ", tid, tid, 1)
    if version >= 6:
        e += le("q", tid)
    if version >= 8:
        e += le("q", tid)
    e += s16(comm) + s16("/usr/bin/" + comm)
    if version >= 7:
        e += s16("/usr/bin/" + comm)
    e += s16(b"-x\0--yes\0") + s16("/home/ada") + le("qIII", 1024, 1, 1000, 1000)
    if version >= 2:
        e += le("IIIQQ", 9000, 4000, 1, 3, 900)
    if version >= 3:
        e += s16(b"HOME=/home/ada\0PATH=/bin\0")
    if version >= 4:
        e += le("qq", tid, tid) + s16(b"cpu=/\0memory=/x\0")
    if version >= 5:
        e += s16("/")
    e += tail
    return with_len(e, True) if version >= 9 else e


TAIL_OLD = le("IBQQQ", 1000, 1, 0, 0x3fffffffff, 0x3fffffffff)
TAIL_NEW = le("QI", T0 - 5, 34816) + TAIL_OLD + le("BQQQBBq", 1, 4711, T0 - 9, T0 - 8, 0, 1, 1200)


def processes(version=9, tids=(1200, 1300), tail=TAIL_NEW):
    return block(PL[version], b"".join(process(version, t, "bash" if t == 1200 else "cat", tail if version >= 9 else b"")
                                       for t in tids))


def fds(tid, version=2):
    a, b = bytes([10, 0, 0, 1]), bytes([192, 0, 2, 7])
    a6, b6 = bytes(15) + b"\1", b"\x20\x01\x0d\xb8" + bytes(11) + b"\2"
    entries = [(0, 3, 1, s16("/dev/pts/0")),
               (1, 77, 16, le("I", 1) + s16("/tmp/log") + (le("I", 65025) if version == 2 else b"")),
               (3, 80, 3, a + b + le("HHB", 40000, 443, 2)),
               (4, 81, 4, a6 + b6 + le("HHB", 40001, 53, 3)),
               (5, 82, 5, a + le("HB", 22, 2)),
               (6, 83, 6, a6 + le("HB", 22, 2)),
               (7, 84, 8, le("QQ", 0x1234, 0x5678) + s16("/run/sock")),
               (8, 85, 12, s16("")),
               (9, 86, 21, s16("1300"))]
    if version == 2:
        entries.append((10, 87, 99, b"new kind"))
    body = le("Q", tid)
    for fd, ino, kind, payload in entries:
        e = le("qQB", fd, ino, kind) + payload
        body += with_len(e, True) if version == 2 else e
    return block(0x218 if version == 2 else 0x203, body)


def params(values, wide=False):
    return b"".join(le("I" if wide else "H", len(v)) for v in values) + b"".join(values)


def event(n, type_, values, tid=1300, cpu=0, version=2, flags=None, wide=False, length=None, count=None, extra=0):
    p = params(values, wide)
    head = 26 if version == 2 else 22
    e = le("QqIH", T0 + n * 1000, tid, (head + len(p) if length is None else length) + extra, type_)
    if version == 2:
        e += le("I", len(values) if count is None else count)
    kind = {(1, 0): 0x204, (1, 1): 0x208, (2, 0): 0x216, (2, 1): 0x217}[version, flags is not None]
    if wide:
        kind = 0x222 if flags is not None else 0x221
    return block(kind, le("H", cpu) + (le("I", flags) if flags is not None else b"") + e + p)


OPENAT_X, CLOSE_X, READ_X = 307, 5, 7
ret = le("q", 3)


def openat(n, path="/etc/passwd", **kw):
    return event(n, OPENAT_X, [ret, le("q", -100), path.encode() + b"\0", le("I", 1), le("I", 0), le("I", 65025),
                               le("Q", 4711)], **kw)


def close(n, **kw):
    return event(n, CLOSE_X, [le("q", 0), le("q", 3)], **kw)


def read(n, data=b"root:x:0:0", **kw):
    return event(n, READ_X, [le("q", len(data)), data, le("q", 3), le("I", 4096)], **kw)


def meta():
    return machine() + interfaces() + users() + processes() + fds(1200) + block(0x218, le("Q", 1300))


head = shb() + meta()
good = head + openat(1) + read(2, cpu=1) + close(3)


def gz(data):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as f:
        f.write(data)
    return out.getvalue()


def write(name, data):
    path = os.path.join(here, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


# Good ones: every block version, old headers, sections.
write("good/plain.scap", good)
write("good/gzip.scap", gz(good))
old = [processes(v, (100 + v,)) for v in range(1, 9)] + [processes(9, (109,), TAIL_OLD), processes(9, (110,), b"")]
write("good/every-block.scap",
      shb(options=le("HH", 1, 4) + b"note" + le("HH", 0, 0)) + machine() + interfaces(1) + interfaces() + users(1) +
      users() + b"".join(old) + fds(101, 1) + fds(102) + openat(1, flags=1) + close(2, flags=0) +
      event(3, 402, [le("I", 0), b"container\0", b"x" * 300], wide=True, tid=-1) +
      event(4, 60000, [b"abc", b""]) + event(5, 60001, [b"d" * 9], wide=True, flags=3))
write("good/old-headers.scap",
      shb(1, 0) + machine() + interfaces(1) + users(1) + processes(5) + fds(1200, 1) +
      event(1, 3, [ret, b"/etc/passwd\0", le("I", 1), le("I", 0)], version=1) + close(2, version=1) +
      event(3, 4, [le("q", 3)], version=1, flags=1) +
      event(4, 280, [b"id\0", b"text\0"], version=1, extra=3))
write("good/sections.scap", gz(good) + gz(shb() + machine("web-2", 4) + processes(8) + close(9)))

# Bad ones, a folder each.
cut_pl = shb() + machine() + processes()
bad = {
    "empty": b"",
    "cut-first-block": good[:17],
    "cut-block-header": good + good[:5],
    "cut-metadata": cut_pl[:-60],
    "cut-event": good[:-20],
    "gzip-cut": gz(good)[:-40],
    "gzip-damaged": gz(good)[:-8] + b"\0\0\0\0" + gz(good)[-4:],
    "gzip-and-garbage": gz(good) + b"garbage",
    "big-endian": struct.pack(">IIIHHQI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 2, 2**64 - 1, 28),
    "newer-version": shb(2, 0) + meta(),
    "block-too-short": head + openat(1) + le("III", 0x216, 8, 8) + close(2),
    "block-too-long": head + openat(1) + le("II", 0x216, 0x7ffffff0) + bytes(20),
    "trailer-wrong": head + openat(1)[:-4] + le("I", 7) + close(2),
    "frame-lost": head + openat(1) + close(2)[:-4] + le("I", 7) + b"\x99" * 40,
    "machine-short": shb() + block(0x201, le("IQ", 4, 1 << 30)) + processes() + close(1),
    "interface-type": shb() + block(0x219, with_len(le("HH", 9, 1) + bytes(20) + b"x", False)) + processes() + close(1),
    "user-length": shb() + block(0x220, le("I", 3) + bytes(8)) + processes() + close(1),
    "process-length": shb() + machine() + block(0x215, process(9, 1200, "bash", TAIL_NEW) + le("I", 60000) + bytes(40)) +
    fds(1200) + close(1),
    "process-text": shb() + machine() + block(0x211, process(5, 1200, "bash") + le("QQQ", 5, 5, 1) + le("H", 999) +
                                              b"abc") + close(1),
    "fd-length": shb() + processes() + block(0x218, le("Q", 1200) + with_len(le("qQB", 0, 3, 1) + s16("/dev/null"), True) +
                                             le("I", 2) + bytes(8)) + close(1),
    "fd-type": shb() + processes(5) + block(0x203, le("Q", 1200) + le("qQB", 0, 3, 55) + s16("/dev/null")) + close(1),
    "event-length": head + openat(1) + close(2, length=900) + close(3),
    "event-params": head + openat(1) + event(2, CLOSE_X, [b"x" * 8], count=5) + close(3),
    "event-count": head + openat(1) + event(2, CLOSE_X, [b"x" * 8], count=2**31) + close(3),
    "event-old-header": shb() + processes(5) + close(1, version=1) + event(2, CLOSE_X, [b"x" * 8], version=1)
    .replace(le("H", 8) + b"x", le("H", 9) + b"x") + close(3, version=1),
    "event-short": head + block(0x216, le("HQ", 0, T0)) + close(3),
    "stray-metadata": head + openat(1) + processes() + close(2),
    "unknown-block": head + openat(1) + block(0x777, b"from the future") + close(2),
    "no-events": shb() + meta(),
}
for name, data in bad.items():
    write(f"bad/{name}/{name}.scap", data)

# Files that are no traces.
for name, data in {
    "network.pcap": le("IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1),
    "network.pcapng": block(0x0A0D0D0A, le("IHHQ", 0x1A2B3C4D, 1, 0, 2**64 - 1)) + block(1, le("HHI", 1, 0, 65535)),
    "rules.yaml": b"# my rules\n\n- macro: open_read\n  condition: evt.type = open\n",
    "audit.json": b'{"kind":"Event","apiVersion":"audit.k8s.io/v1"}\n',
    "notes.txt": "notes about the incident, caf\u00e9\n".encode(),
    "random.bin": bytes((i * 197 + 13) % 251 for i in range(200)),
    "trace.scap.xz": b"\xfd7zXZ\0\0\4" + bytes(24),
    "nothing.gz": gz(b""),
}.items():
    write(f"bad/not-a-trace/{name}", data)
