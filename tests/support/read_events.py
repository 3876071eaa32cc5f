#!/usr/bin/env python3
"""read_events.py RUN_DIR...: what event files hold, a line a value, to compare runs with.

A small reader of its own (framing, checksums, the few messages that Wordspot writes), so that it
needs nothing installed and shares no fault with the writer. Files of a folder are read in the order
of their names; a session start at step s drops what was there from s on, as TensorBoard does.

    <tag> <step> <value>        scalars, the float's exact value in hexadecimal
    <tag> <step> PNG <crc32>    pictures
    <tag> <step> GROUP N        hyperparameters: the group and how many they are
    <tag> <step> SUCCESS        the end of a run, or FAILURE
    <tag> <step> <page> <crc32> anything else, by the page of TensorBoard that shows it: text,
                                histograms, pr_curves, custom_scalars, ...
"""
import pathlib
import struct
import sys
import zlib

from wire import fields, masked_crc


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


def page_of(metadata):
    """The name of the page in a value's SummaryMetadata."""
    plugin = dict(fields(dict(fields(metadata)).get(1, b"")))
    return plugin.get(1, b"unknown").decode()


def session_text(metadata):
    """Of a start (3) or an end (4) of a run on the HParams page; None of all else."""
    message = dict(fields(dict(fields(dict(fields(metadata)).get(1, b""))).get(2, b"")))
    if 4 in message:
        return {1: "SUCCESS", 2: "FAILURE"}[dict(fields(message[4]))[1]]
    if 3 in message:
        parts = list(fields(message[3]))
        return f"{dict(parts)[4].decode()} {sum(number == 1 for number, _ in parts)}"
    return None


def text_of(value):
    parts = dict(fields(value))
    tag = parts[1].decode()
    if 2 in parts:
        return tag, struct.unpack("<f", parts[2])[0].hex()
    if 8 not in parts:
        return tag, None
    page = page_of(parts.get(9, b""))
    if page == "images":  # of the tensor's strings the first two are its size
        pictures = [s for n, s in fields(parts[8]) if n == 8][2:]
        return tag, f"PNG {zlib.crc32(pictures[0]):08x}"
    if page == "hparams":
        return tag, session_text(parts[9])
    return tag, f"{page} {zlib.crc32(parts[8]):08x}"


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
