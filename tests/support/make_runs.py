#!/usr/bin/env python3
"""make_runs.py DIR: two small runs, `first` and `second`, each with `train` and `validation`, of the
same bytes on every machine. `second` was resumed at step 4; its tag m/odd holds what is awkward."""
import math
import pathlib
import struct
import sys

from wire import record


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def event(time, step, content):
    return record(b"\x09" + struct.pack("<d", time) + (b"\x10" + varint(step) if step else b"") +
                  content)


def version(time):
    return event(time, 0, field(3, b"brain.Event:2"))


def start(time, step):
    return event(time, step, field(7, b"\x08\x01"))


def scalar(time, step, tag, value):
    return event(time, step, field(5, field(1, field(1, tag.encode()) + b"\x15" +
                                            struct.pack("<f", value))))


def write(path, *records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(records))


def curve(time, steps, tag, at):
    return b"".join(scalar(time + step, step, tag, at(step)) for step in steps)


def main():
    top = pathlib.Path(sys.argv[1])
    name = "events.out.tfevents.{}.host"
    for i, run in enumerate(("first", "second")):
        rise = 0.05 + 0.01 * i
        write(top / run / "train" / name.format(1700000000), version(1e9), start(1e9, 0),
              curve(1e9, range(1, 21), "eval/cross_entropy", lambda s: math.exp(-s * rise)))
        write(top / run / "validation" / name.format(1700000000), version(1e9), start(1e9, 0),
              curve(1e9, range(2, 21, 2), "eval/accuracy", lambda s: 1 - math.exp(-s * 2 * rise)))
    write(top / "second" / "validation" / name.format(1700000001), version(1e9 + 30),
          start(1e9 + 30, 4), curve(1e9 + 30, range(4, 21, 4), "eval/accuracy", lambda s: s / 20),
          scalar(1e9 + 60, 1, '=odd, "tag"\x1b[31m\n', math.nan))


if __name__ == "__main__":
    main()
