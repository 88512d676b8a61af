"""A second reader of .eyas traces, written from eyas-trace(5) alone: no code of eyas is used.

independent_reader.py TRACE prints every record plainly (numbers in decimal, bytes in hexadecimal), as the
program raw_dump does. It checks everything the page lets a reader check, the hashes of streams too.
"""
import ctypes
import ctypes.util
import hashlib
import json
import shutil
import subprocess
import struct
import sys

MAGIC = bytes.fromhex("894559530d0a1a0a")
(HEADER, SCHEMA, PROVENANCE, SNAPSHOT, EVENTS, NOTE, INDEX, FOOTER, CHECKPOINT) = range(1, 10)


class Damaged(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Damaged(what)


def load_zstd():
    name = ctypes.util.find_library("zstd")
    if not name:
        return None
    lib = ctypes.CDLL(name)
    lib.ZSTD_decompress.restype = ctypes.c_size_t
    lib.ZSTD_decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    return lib


zstd = load_zstd()


def unpack(frame, size):
    if zstd:
        out = ctypes.create_string_buffer(size + 1)
        need(zstd.ZSTD_decompress(out, size, frame, len(frame)) == size, "a zstd frame is damaged")
        return out.raw[:size]
    r = subprocess.run(["zstd", "-dcq"], input=frame, capture_output=True)
    need(r.returncode == 0 and len(r.stdout) == size, "a zstd frame is damaged")
    return r.stdout


def make_crc_table():
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    return table


CRC_TABLE = make_crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for b in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ b) & 255]
    return crc ^ 0xFFFFFFFF


def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


class Bytes:
    """A run of bytes being read from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        need(0 <= n <= self.left(), "a length is wrong")
        self.at += n
        return self.data[self.at - n:self.at]

    def u(self):
        v = shift = 0
        while True:
            b = self.take(1)[0]
            v |= (b & 127) << shift
            shift += 7
            if b < 128:
                need(v < 1 << 64, "a number is too large")
                return v

    def i(self):
        v = self.u()
        return v >> 1 ^ -(v & 1)

    def s(self):
        return self.take(self.u())

    def a(self):
        return self.take(self.take(1)[0])


def blocks(data):
    """(kind, fields, {stream kind: content}, offset) of each block."""
    at, number, previous = 0, 0, bytes(32)
    while at < len(data):
        need(len(data) - at >= 64, "a header is cut")
        magic, size = struct.unpack_from("<II", data, at)
        frame = data[at:at + 8 + size]
        need(magic == 0x184D2A59 and frame[8:16] == MAGIC and len(frame) == size + 8, "no block begins here")
        kind, flags, n_streams, n_fields, seq = struct.unpack_from("<HHHHQ", frame, 16)
        need(len(frame) == 64 + n_fields + 52 * n_streams + 4, "a header has the wrong size")
        need(crc32c(frame[:-4]) == struct.unpack("<I", frame[-4:])[0], "a header's CRC is wrong")
        if kind == HEADER and seq == 0:
            number, previous = 0, bytes(32)
        need(seq == number and frame[32:64] == previous, "the chain is broken")
        number, previous = seq + 1, blake(frame)
        start, at, streams = at, at + len(frame), {}
        for k in range(n_streams):
            row = frame[64 + n_fields + 52 * k:][:52]
            stream, stored, raw = struct.unpack_from("<IQQ", row)
            packed = data[at:at + stored]
            need(len(packed) == stored, "a stream is cut")
            need(blake(packed) == row[20:], "a stream's hash is wrong")
            streams[stream] = unpack(packed, raw)
            at += stored
        need(kind in range(1, 10) or flags & 1, "a block of unknown kind that must not be skipped")
        yield kind, frame[64:64 + n_fields], streams, start


TABLES = {
    1: "uuusuuuu", 2: "usaaau", 3: "uusss", 4: "us",
    5: "uuuuiiiiissssssssiuuuuuuuuuuuuuuuuuuuuuu", 6: "uiuuuaauuuuuuus", 7: "u",
    8: "uuuuusssssss", 9: "ussuu",
}


def show(v):
    return "x" + v.hex() if isinstance(v, bytes) else str(v)


def snapshot(data):
    print("snapshot")
    d = Bytes(data)
    while d.left():
        table, n, rows = d.u(), d.u(), Bytes(d.s())
        for _ in range(n):
            row = Bytes(rows.s())
            if table in TABLES:
                # fields that a row ends before have their defaults
                print(table, *(show(getattr(row, f)()) if row.left() else {"s": "x", "a": "x"}.get(f, "0")
                               for f in TABLES[table]))


def plane(d, n, wide):
    low = d.take(n)
    return [a | b << 8 for a, b in zip(low, d.take(n))] if wide else list(low)


def split(data, lengths):
    """The values that stand one behind the other in a column."""
    d = Bytes(data)
    values = [d.take(n) for n in lengths]
    need(d.left() == 0, "a column is longer than its values")
    return values


def numbers(data, width):
    return [int.from_bytes(data[k:k + width], "little") for k in range(0, len(data), width)]


def plain_columns(heads, streams, count):
    """Version 1.0: the shapes, and for each event its shape, CPU and thread code; times are relative."""
    times, columns, shapes = Bytes(streams.get(3, b"")), [Bytes(streams.get(k, b"")) for k in (4, 5, 6)], []
    for _ in range(heads.u() if count else 0):
        shape = {"type": heads.u(), "delivery": heads.u(), "n": heads.u(), "values": []}
        for _ in range(heads.u()):
            c = heads.u()
            size = c >> 2
            if c & 3:
                shape["values"].append((columns[c & 3].take(size), heads.u()))
            else:
                shape["values"].append([columns[0].take(size) for _ in range(shape["n"])])
        shapes.append(shape)
    if not count:
        return shapes, [], [], [], [], []
    tids = [heads.i() for _ in range(heads.u())]
    wide_cpu = heads.take(1)[0] & 1
    ids = plane(heads, count, len(shapes) > 256)
    cpus = plane(heads, count, wide_cpu)
    threads = plane(heads, count, len(tids) > 255)
    for shape in shapes:
        for k, v in enumerate(shape["values"]):
            if isinstance(v, tuple):
                lengths = Bytes(heads.take(v[1]))
                shape["values"][k] = split(v[0], [lengths.u() for _ in range(shape["n"])])
    need(all(c.left() == 0 for c in columns) and heads.left() == 0, "bytes are left over")
    return shapes, tids, ids, cpus, threads, [times.i() for _ in range(count)]


def coded_column(heads, columns, n):
    code = heads.take(1)[0]
    small, strings = columns[9 if code & 128 else 4], columns[10 if code & 128 else 5]
    code &= 127
    if code == 0:
        return [b""] * n
    if code == 1:
        size = heads.u()
        need(0 < size < 65536, "the size of a column")
        return [small.take(size) for _ in range(n)]
    if code == 2:
        return [heads.s()] * n
    if code == 3:
        size, width = heads.take(1)[0], heads.take(1)[0]
        values = numbers(small.take(n * (width & 127)), width & 127)
        if width & 128:
            top = 1 << 8 * (width & 127) - 1
            values = [((v ^ top) - top) % (1 << 8 * size) for v in values]
        return [v.to_bytes(size, "little") for v in values]
    size = heads.u()
    if code == 5:
        entries, width = heads.u(), heads.take(1)[0]
        table = split(strings.take(size), numbers(small.take(entries * width), width))
        width = 2 if entries > 256 else 1
        return [table[k] for k in numbers(small.take(n * width), width)]
    need(code in (4, 6), "an unknown coding")
    width = heads.take(1)[0]
    lengths = numbers(small.take(n * width), width)
    return split((columns[6] if code == 6 else strings).take(size), lengths)


def coded_columns(heads, streams, count):
    """The same of a block with coded columns."""
    columns, shapes = {k: Bytes(streams.get(k, b"")) for k in (4, 5, 6, 9, 10)}, []
    for _ in range(heads.u()):
        shape = {"type": heads.u(), "delivery": heads.u(), "n": heads.u()}
        shape["values"] = [coded_column(heads, columns, shape["n"]) for _ in range(heads.u())]
        shapes.append(shape)
    tids = [heads.i() for _ in range(heads.u())]
    wide_cpu = heads.take(1)[0] & 1
    runs = heads.u()
    lengths, run_cpus = plane(heads, runs, True), plane(heads, runs, wide_cpu)
    run_threads = plane(heads, runs, len(tids) > 255)
    need(0 not in lengths and sum(lengths) == count, "the runs have another number of events")
    ids = plane(heads, count, len(shapes) > 256)
    need(heads.left() == 0 and all(c.left() == 0 for c in columns.values()), "bytes are left over")
    cpus = [cpu for cpu, n in zip(run_cpus, lengths) for _ in range(n)]
    threads = [t for thread, n in zip(run_threads, lengths) for t in [thread] + [0] * (n - 1)]
    d, at = Bytes(streams.get(3, b"")), 0
    low, high = d.take(count), d.take(count)
    for shape in shapes:
        shape["at"] = at
        at += shape["n"]
    times = []
    for k in ids:
        at = shapes[k]["at"]
        shapes[k]["at"] += 1
        times.append((d.i() if high[at] == 255 else high[at]) << 8 | low[at])
    need(d.left() == 0, "times are left over")
    return shapes, tids, ids, cpus, threads, times


def events(fields, streams, counts, coded):
    first_num, count, first_ts, last_ts, min_ts, max_ts, lost, n_types = struct.unpack_from("<7QH", fields)
    need(first_num == counts["events"] + 1, "events are missing")
    types = fields[58:58 + n_types]
    heads, losses = Bytes(streams.get(2, b"")), Bytes(streams.get(7, b""))
    read = coded_columns if coded else plain_columns
    shapes, tids, ids, cpus, threads, times = read(heads, streams, count)
    for number, shape in enumerate(shapes):
        need(ids.count(number) == shape["n"], "a shape has another number of events")
        shape["rows"] = zip(*shape["values"]) if shape["values"] else iter([()] * shape["n"])
    if coded:
        shown, = struct.unpack_from("<Q", fields, 58 + n_types)
        need(shown == sum(s["n"] for s in shapes if not s["delivery"] & 1), "the number of events shown is wrong")
    loss = read_loss(losses)
    ts, last_on_cpu, seen, all_ts, lost_here = first_ts, {}, set(), [], 0
    for k in range(count + 1):
        while loss and loss[0] == k:
            print("loss", *loss[1:])
            lost_here = min(lost_here + loss[1], (1 << 64) - 1)
            loss = read_loss(losses)
        if k == count:
            break
        ts = (ts + times[k]) % (1 << 64)
        shape, cpu = shapes[ids[k]], cpus[k]
        if threads[k]:
            last_on_cpu[cpu] = threads[k]
        tid = tids[last_on_cpu[cpu] - 1]
        print("event", ts, tid, cpu, shape["type"], shape["delivery"], *map(show, next(shape["rows"])))
        seen.add(shape["type"])
        all_ts.append(ts)
        counts[shape["type"]] = counts.get(shape["type"], 0) + 1
    need(not loss, "a loss has no place")
    need(lost_here == lost, "the number of lost events is wrong")
    if count:
        need((first_ts, last_ts, min_ts, max_ts) == (all_ts[0], all_ts[-1], min(all_ts), max(all_ts)), "times")
    need(seen == {t for t in range(8 * n_types) if types[t // 8] >> t % 8 & 1}, "the set of types is wrong")
    counts["events"] += count
    counts["lost"] = min(counts["lost"] + lost, (1 << 64) - 1)


def read_loss(d):
    if not d.left():
        return None
    at, count, begin, end, cpu, cause = (d.u() for _ in range(6))
    return at, (count - 1) % (1 << 64), begin, end, cpu, cause


def check_schema(data, described):
    for line in data.decode().splitlines():
        row = json.loads(line)
        if "event" in row:
            for p in row["params"]:
                need("flags" not in p or p["flags"] in described, "a flag table is used before it is described")
            described.add(row["event"])
        else:
            described.add(row["flags"])


def check_index(streams, counts, seen_blocks):
    d, offset, found = Bytes(streams[1]), 0, []
    for _ in range(d.u()):
        kind = d.u()
        offset += d.u()
        found.append((kind, offset))
        if kind == EVENTS:
            for _ in range(5):
                d.u()
    need(found == seen_blocks, "the index does not name the blocks")
    d = Bytes(streams[8])
    total, _, lost = d.u(), d.u(), d.u()
    need(total == counts["events"] and (lost - 1) % (1 << 64) == counts["lost"], "the statistics are wrong")
    for _ in range(6):
        d.u()
    types = {d.u(): d.u() for _ in range(d.u())}
    need(types == {t: n for t, n in counts.items() if isinstance(t, int)}, "the counts of types are wrong")


def main(path):
    with open(path, "rb") as f:
        data = f.read()
    trace = index = 0
    for kind, fields, streams, at in blocks(data):
        if kind == HEADER:
            major, _, incompatible = struct.unpack_from("<HHI", fields)
            need(major == 1 and incompatible in (0, 1), "a version this reader does not know")
            coded = incompatible == 1
            counts, seen, described, trace = {"events": 0, "lost": 0}, [], set(), at
        elif kind == SCHEMA:
            check_schema(streams[1], described)
        elif kind == PROVENANCE:
            json.loads(streams[1])
        elif kind == SNAPSHOT:
            seen.append((kind, at - trace))
            snapshot(streams.get(1, b""))
        elif kind == EVENTS:
            seen.append((kind, at - trace))
            events(fields, streams, counts, coded)
        elif kind == NOTE:
            seen.append((kind, at - trace))
            about, author = (0, 0, 0, 0), b""
            if fields:
                *about, size = struct.unpack_from("<QQQQH", fields)
                author = fields[34:34 + size]
                need(len(author) == size, "a note's author is cut")
            print("note", struct.unpack_from("<Q", streams[1])[0], show(streams[1][8:]), *about, show(author))
        elif kind == CHECKPOINT:
            seen.append((kind, at - trace))
            next_number, shown, _ = struct.unpack_from("<QQQ", fields)
            need(next_number == counts["events"] + 1 and shown < next_number, "a checkpoint is elsewhere")
        elif kind == INDEX:
            index = at
            check_index(streams, counts, seen)
        elif kind == FOOTER:
            need(struct.unpack("<QQ", fields) == (at - index, at - trace), "the footer points elsewhere")


if __name__ == "__main__":
    if not zstd and not shutil.which("zstd"):
        sys.exit("neither libzstd nor zstd: cannot unpack")
    try:
        main(sys.argv[1])
    except Damaged as e:
        sys.exit(f"{sys.argv[1]}: {e}")
