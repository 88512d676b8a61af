"""What eyas export writes, taken apart by other hands.

Packets: every length, checksum and sequence number is computed again from the bytes. tshark, where it is installed, must
read them without an error or a warning. Trace events: the JSON of the Trace Event Format, slices of a track without
overlap, and the same numbers as the trace.
"""
import collections
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

from tap import Skip, run_tests

EYAS = sys.argv[1]
TALK = "tests/export/talk.eyt"
INCIDENTS = ["traces/good/web-intrusion/incident.eyt", "traces/good/recorded-container-intrusion/trace.eyas",
             "traces/good/recorded-streams-to-network/trace.eyas"]
work = tempfile.TemporaryDirectory(prefix="eyas-export.")


def export(form, trace, *more, status=0):
    out = os.path.join(work.name, "out")
    if os.path.exists(out):
        os.unlink(out)
    r = subprocess.run([EYAS, "export", "--to", form, "-o", out, *more, trace], capture_output=True, text=True, check=False)
    assert r.returncode == status, (r.returncode, r.stderr)
    return out, r.stderr


# ---- packets ----

def blocks(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        assert size % 4 == 0 and struct.unpack_from("<I", data, at + size - 4)[0] == size
        yield kind, data[at + 8:at + size - 4]
        at += size


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


Packet = collections.namedtuple("Packet", "ts src sport dst dport proto flags seq ack data length comment")


def packets(path):
    """Every packet, all of its headers checked."""
    out = []
    for kind, body in blocks(path):
        if kind != 6:
            continue
        _, high, low, kept, original = struct.unpack_from("<IIIII", body)
        p = body[20:20 + kept]
        options = body[20 + (kept + 3) // 4 * 4:]
        comment = ""
        if len(options) >= 4:
            code, n = struct.unpack_from("<HH", options)
            comment = options[4:4 + n].decode() if code == 1 else ""
        if p[0] >> 4 == 4:
            assert p[0] == 0x45 and checksum(p[:20]) == 0xffff, "checksum of IPv4"
            assert struct.unpack_from(">H", p, 2)[0] == original
            proto, src, dst, rest = p[9], p[12:16], p[16:20], p[20:]
        else:
            assert p[0] == 0x60 and struct.unpack_from(">H", p, 4)[0] == original - 40
            proto, src, dst, rest = p[6], p[8:24], p[24:40], p[40:]
        length = original - (len(p) - len(rest))
        whole = len(rest) == length
        pseudo = src + dst + struct.pack(">II", proto, length)
        sport, dport = struct.unpack_from(">HH", rest)
        if proto == 6:
            seq, ack, offset, flags = struct.unpack_from(">IIBB", rest, 4)
            header = offset >> 4 << 2
            assert header == 20
        else:
            assert proto == 17 and struct.unpack_from(">H", rest, 4)[0] == length
            seq = ack = flags = 0
            header = 8
        if whole:
            assert checksum(pseudo + rest) == 0xffff, "checksum"
        out.append(Packet((high << 32 | low), src, sport, dst, dport, proto, flags, seq, ack, rest[header:],
                          length - header, comment))
    return out


def check_streams(all_packets):
    """Handshakes, sequence numbers and acknowledgements fit, nothing exceeds the window; bytes by direction."""
    following, unacked, streams = {}, collections.Counter(), collections.defaultdict(list)
    for p in all_packets:
        a, b = (p.src, p.sport), (p.dst, p.dport)
        streams[a, b].append(p)
        if p.proto != 6:
            continue
        if p.flags & 2:
            following[a, b] = p.seq + 1 & 0xffffffff
        else:
            assert p.seq == following[a, b], "sequence number"
            following[a, b] = p.seq + p.length & 0xffffffff
            unacked[a, b] += p.length
            assert unacked[a, b] <= 65535, "more than the window"
        if p.flags & 16:
            assert p.ack == following[b, a], "acknowledgement"
            unacked[b, a] = 0
    return streams


def packets_of_a_talk():
    """Packets of a talk: addresses, ports, order, lengths, bytes and checksums are the calls'; both ends, once."""
    out, _ = export("pcapng", TALK)
    found = packets(out)
    streams = {(src[1], dst[1]): v for (src, dst), v in check_streams(found).items()}
    said = {k: b"".join(p.data for p in v) for k, v in streams.items()}
    counted = {k: sum(p.length for p in v) for k, v in streams.items()}
    assert said[40001, 80] == b"GET / HTTP/1.0\r\n\r\n"
    assert said[80, 40001] == b"HTTP/1.0 200 OK\r\n" and counted[80, 40001] == 200000
    assert said[50000, 443] == b"hello" and said[443, 50000] == b"hi\n"
    assert said[40002, 5300] == b"ping" and said[5300, 40002] == b"pong!"
    assert said[40003, 80] == b"one" and said[80, 40003] == b"two", said
    comments = {k: {p.comment for p in v} for k, v in streams.items()}
    assert comments[80, 40001] == {"client: curl (10)"} and comments[443, 50000] == {"server: nginx (20)"}
    assert [p.ts for p in found] == sorted(p.ts for p in found)


def packets_of_incidents():
    """Packets of every shipped incident with connections hold together; a filter leaves out what it says."""
    for trace in INCIDENTS:
        out, _ = export("pcapng", trace)
        assert check_streams(packets(out))
    r = subprocess.run([EYAS, "export", "--to", "pcapng", "-o", "-", TALK, "proc.name=curl"], capture_output=True, check=True)
    path = os.path.join(work.name, "filtered")
    with open(path, "wb") as f:
        f.write(r.stdout)
    assert {p.comment for p in packets(path)} == {"client: curl (10)"}


def no_sockets_is_an_error():
    """A trace in which nothing is sent is an error that says so, and leaves no file."""
    out, err = export("pcapng", "traces/good/root-file-written/incident.eyt", status=4)
    assert "over an IP socket" in err and not os.path.exists(out), err


def tshark_reads_them():
    """tshark reads the packets, verifies each checksum, and has neither errors nor warnings."""
    if not shutil.which("tshark"):
        raise Skip("tshark is not installed")
    for trace in [TALK, *INCIDENTS]:
        out, _ = export("pcapng", trace)
        options = [x for name in ("ip", "tcp", "udp") for x in ("-o", f"{name}.check_checksum:TRUE")]
        r = subprocess.run(["tshark", *options, "-q", "-z", "expert", "-r", out], capture_output=True, text=True,
                           check=True)
        assert "Errors" not in r.stdout and "Warns" not in r.stdout, r.stdout
        r = subprocess.run(["tshark", *options, "-T", "fields", "-e", "_ws.col.Protocol", "-r", out], capture_output=True,
                           text=True, check=True)
        assert len(r.stdout.splitlines()) == len(packets(out))


# ---- trace events ----

def perfetto(trace, *more):
    out, _ = export("perfetto", trace, *more)
    with open(out, encoding="utf-8") as f:
        return json.load(f)


def check_events(doc):
    open_slices = set()
    tracks = collections.defaultdict(list)
    for e in doc["traceEvents"]:
        assert {"ph", "name", "cat", "pid", "tid", "ts"} <= set(e), e
        assert isinstance(e["ts"], (int, float)) and e["ts"] >= 0
        if e["ph"] == "X":
            assert e["dur"] >= 0
            tracks[e["pid"], e["tid"]].append((e["ts"], e["ts"] + e["dur"]))
        elif e["ph"] == "i":
            assert e["s"] in ("t", "g")
        elif e["ph"] == "b":
            assert e["id"] not in open_slices
            open_slices.add(e["id"])
        elif e["ph"] == "e":
            open_slices.remove(e["id"])
        else:
            assert e["ph"] == "M" and e["name"] in ("process_name", "thread_name") and e["args"]["name"], e
    assert not open_slices
    for slices in tracks.values():
        slices.sort()
        for before, after in zip(slices, slices[1:]):
            assert before[1] <= after[0] + 0.0015, (before, after)


def trace_events():
    """Trace events: each event once, programs and connections as slices that end, alerts over everything."""
    for trace in [TALK, *INCIDENTS]:
        doc = perfetto(trace, "-r", "rules")
        check_events(doc)
        calls = [e for e in doc["traceEvents"] if e["ph"] == "i" and e["cat"] != "alert"]
        alerts = [e["name"] for e in doc["traceEvents"] if e["cat"] == "alert"]
        r = subprocess.run([EYAS, "events", "-p", "%evt.num", trace], capture_output=True, text=True, check=True)
        assert [e["args"]["event"] for e in calls] == [int(x) for x in r.stdout.split()]
        r = subprocess.run([EYAS, "replay", "-q", "--json", "--rule-matching", "all", "-r", "rules", trace],
                           capture_output=True, text=True, check=True)
        assert alerts == [json.loads(x)["rule"] for x in r.stdout.splitlines()]
        assert {e["name"] for e in doc["traceEvents"] if e["ph"] == "X"}
        without = perfetto(trace, "--no-calls")
        assert not [e for e in without["traceEvents"] if e["ph"] == "i"]


def talk_events():
    """Trace events of a talk: the connections and the end of a process are where they belong."""
    doc = perfetto(TALK, "--no-calls")
    begun = {e["name"]: e for e in doc["traceEvents"] if e["ph"] == "b"}
    ended = {e["name"]: e for e in doc["traceEvents"] if e["ph"] == "e"}
    name = "192.0.2.10:40001->198.51.100.7:80"
    assert begun[name]["ts"] == 1000 and ended[name]["ts"] == 5000, (begun, ended)
    talker = [e for e in doc["traceEvents"] if e["ph"] == "X" and e["name"] == "talker"]
    assert len(talker) == 1 and talker[0]["ts"] + talker[0]["dur"] == 20000, talker
    assert doc["otherData"]["first event"] == "2026-11-20T09:00:00.000000000Z"


TESTS = [packets_of_a_talk, packets_of_incidents, no_sockets_is_an_error, tshark_reads_them, trace_events, talk_events]
run_tests(TESTS)
work.cleanup()
