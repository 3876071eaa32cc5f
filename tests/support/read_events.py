#!/usr/bin/env python3
"""read_events.py RUN_DIR...: what event files hold, a line a value, to compare runs with.

A small reader of its own (framing, checksums, the few messages that Wordspot writes), so that it
needs nothing installed and shares no fault with the writer. Files of a folder are read in the order
of their names; a session start at step s drops what was there from s on, as TensorBoard does.

    <tag> <step> <value>        scalars, the float's exact value in hexadecimal
    <tag> <step> PNG <crc32>    pictures"""
import pathlib
import struct
import sys
import zlib

from wire import fields

TABLE = []
for i in range(256):
    for _ in range(8):
        i = i >> 1 ^ 0x82F63B78 * (i & 1)
    TABLE.append(i)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    data = path.read_bytes()
    at = 0
    while at < len(data):
        size, crc = struct.unpack_from("<QI", data, at)
        payload = data[at + 12:at + 12 + size]
        if masked_crc(data[at:at + 8]) != crc or len(payload) != size:
            sys.exit(f"{path}: broken record at byte {at}")
        if masked_crc(payload) != struct.unpack_from("<I", data, at + 12 + size)[0]:
            sys.exit(f"{path}: wrong checksum of the record at byte {at}")
        yield payload
        at += 16 + size


def text_of(value):
    tag = shown = None
    for number, content in fields(value):
        if number == 1:
            tag = content.decode()
        elif number == 2:
            shown = struct.unpack("<f", content)[0].hex()
        elif number == 8:  # a tensor: its strings 2.. are the encoded pictures
            strings = [s for n, s in fields(content) if n == 8]
            shown = f"PNG {zlib.crc32(strings[2]):08x}" if len(strings) > 2 else None
    return tag, shown


def read_run(folder):
    points = []
    for path in sorted(folder.glob("*tfevents*")):
        for payload in records(path):
            event = dict(fields(payload))
            step = event.get(2, 0)
            if 7 in event and dict(fields(event[7])).get(1) == 1:
                points = [p for p in points if p[0] < step]
            for number, value in fields(event.get(5, b"")):
                if number == 1:
                    points.append((step, *text_of(value)))
    return points


for name in sys.argv[1:]:
    for step, tag, shown in read_run(pathlib.Path(name)):
        print(tag, step, shown)
