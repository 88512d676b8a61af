"""The events of a .scap file with the raw bytes of their parameters: an independent, small reader for tests.

Blocks are u32 type, u32 length, body, u32 length again; an event is u64 time, u64 tid, u32 length, u16 type,
u32 number of parameters, their lengths (u16, or u32 for three large types), their bytes.
"""
import gzip
import struct

EVENT_BLOCKS = {0x216: 2, 0x217: 6, 0x221: 2, 0x222: 6}  # bytes before the event
LARGE_TYPES = {322, 324, 402}


class Event:
    __slots__ = ("time", "tid", "type", "raw")

    def __init__(self, time, tid, type_, raw):
        self.time, self.tid, self.type, self.raw = time, tid, type_, raw


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    at, events = 0, []
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or at + length > len(data):
            raise ValueError("block at %d does not fit" % at)
        if kind in EVENT_BLOCKS:
            pos = at + 8 + EVENT_BLOCKS[kind]
            time, tid, _, type_, n = struct.unpack_from("<QQIHI", data, pos)
            pos += 26
            wide = type_ in LARGE_TYPES
            lengths = struct.unpack_from("<%d%s" % (n, "I" if wide else "H"), data, pos)
            pos += n * (4 if wide else 2)
            raw = []
            for size in lengths:
                raw.append(data[pos : pos + size])
                pos += size
            events.append(Event(time, tid, type_, raw))
        at += length
    return events
