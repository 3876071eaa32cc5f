#!/usr/bin/env python3
"""read_bundle.py PREFIX: names, shapes and checksums of the arrays in a checkpoint, a line each.

A reader of its own for the small tables that Wordspot writes (one block, no compression). Leaves out
the settings, which may differ between two runs with equal weights."""
import struct
import sys
import zlib

from wire import fields, varint


def block(data, handle):
    """(key, value) of each entry of the block at (offset, size)."""
    content = data[handle[0]:handle[0] + handle[1]]
    end = len(content) - 4 - 4 * struct.unpack("<I", content[-4:])[0]
    at, key = 0, b""
    while at < end:
        shared, at = varint(content, at)
        fresh, at = varint(content, at)
        size, at = varint(content, at)
        key = key[:shared] + content[at:at + fresh]
        yield key, content[at + fresh:at + fresh + size]
        at += fresh + size


def handle(data, at):
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return (offset, size), at


prefix = sys.argv[1]
index = open(prefix + ".index", "rb").read()
data = open(prefix + ".data-00000-of-00001", "rb").read()
_, at = handle(index, len(index) - 48)
for _, value in block(index, handle(index, at)[0]):
    for name, entry in block(index, handle(value, 0)[0]):
        if name and not name.startswith(b"wordspot/"):
            found = dict(fields(entry))
            stored = data[found.get(4, 0):found.get(4, 0) + found.get(5, 0)]
            print(name.decode(), found.get(2, b"").hex(), f"{zlib.crc32(stored):08x}")
