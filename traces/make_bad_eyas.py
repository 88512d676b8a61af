"""make_bad_eyas.py DIR: the damaged traces traces/bad/eyas-*/, made of traces/good/tiny.eyas in DIR/good."""
import hashlib
import os
import struct
import sys

base = sys.argv[1]
with open(os.path.join(base, "good", "tiny.eyas"), "rb") as f:
    good = f.read()


def blocks():
    """Offset and kind of each block, and the end."""
    at = 0
    while at < len(good):
        size, = struct.unpack_from("<I", good, at + 4)
        kind, _, streams, fields = struct.unpack_from("<HHHH", good, at + 16)
        yield at, kind
        at += 8 + size + sum(struct.unpack_from("<Q", good, at + 64 + fields + 52 * k + 4)[0] for k in range(streams))
    yield at, 0


def crc32c(data):
    crc = 0xFFFFFFFF
    for b in data:
        crc ^= b
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def put(defect, data):
    os.makedirs(os.path.join(base, "bad", defect), exist_ok=True)
    with open(os.path.join(base, "bad", defect, defect + ".eyas"), "wb") as f:
        f.write(data)


at = list(blocks())
events = [i for i, (_, kind) in enumerate(at) if kind == 5]
note = next(i for i, (_, kind) in enumerate(at) if kind == 6)
flipped = bytearray(good)
flipped[at[events[1] + 1][0] - 30] ^= 0x10
newer = bytearray(good[:100])
newer[64] = 2
newer[96:100] = struct.pack("<I", crc32c(newer[:96]))
put("eyas-cut", good[:at[events[1]][0] + 200])
put("eyas-flipped", flipped)
put("eyas-header-flipped", good[:at[1][0] + 40] + bytes([good[at[1][0] + 40] ^ 1]) + good[at[1][0] + 41:])
put("eyas-missing-block", good[:at[note][0]] + good[at[note + 1][0]:])
put("eyas-newer", newer + good[100:])


def snapshot(content):
    """The trace up to its first snapshot, and in its stead one with this content, all hashes right."""
    i = next(i for i, (_, kind) in enumerate(at) if kind == 4)
    frame = struct.pack("<IBB", 0xFD2FB528, 0x20, len(content)) + (len(content) << 3 | 1).to_bytes(3, "little") + content
    head = bytearray(good[at[i][0]:at[i][0] + 64])
    head[4:8] = struct.pack("<I", 64 + 52 + 4 - 8)
    head[20:24] = struct.pack("<HH", 1, 0)
    head += struct.pack("<IQQ", 1, len(frame), len(content)) + hashlib.blake2b(frame, digest_size=32).digest()
    return good[:at[i][0]] + head + struct.pack("<I", crc32c(head)) + frame


# Tables of mounts and control groups: more rows than there can be; a text longer than its row.
put("eyas-mounts-many", snapshot(b"\x08\xff\xff\xff\x7f\x02\x01\x05"))
put("eyas-cgroup-text", snapshot(b"\x09\x01\x05\x04\x00\x00\x7f/"))
put("eyas-text-mode", good.replace(b"\r\n", b"\n"))
