#!/usr/bin/env python3
"""make_archives.py DIR [DATA]: archives of every kind that a server may send, in DIR.

good.tar.gz has the data set in the folder DATA in it, or without one some small files; all others
are made of it, or of one bad entry among good ones."""
import gzip
import io
import os
import pathlib
import random
import sys
import tarfile

ENTRIES_OF_A_MEMBER = 1 << 16
N_MEMBERS = 17  # together more entries than the declared maximum


def sound(seed, n_bytes=20000):
    """Something that does not compress."""
    return random.Random(seed).randbytes(n_bytes)


def small_files():
    yield "./README.md", b"a data set\n"
    for word in ("yes", "no", "gr\u00fcn", "_background_noise_"):
        for i in range(3):
            yield f"./{word}/{i:08x}_nohash_0.wav", sound(f"{word} {i}")
    yield "./empty.txt", b""


def data_files(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.wav")):
        yield f"./{path.relative_to(folder)}", path.read_bytes()


def add(tar, name, data=b"", **fields):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    for field, value in fields.items():
        setattr(entry, field, value)
    tar.addfile(entry, io.BytesIO(data))


def tar_of(files, *bad, end=True):
    """The bytes of a tar archive of files, then of entries given as add's arguments."""
    buffer = io.BytesIO()
    tar = tarfile.open(fileobj=buffer, mode="w")
    add(tar, ".", type=tarfile.DIRTYPE)
    for name, data in files:
        add(tar, name, data)
    for name, data, fields in bad:
        add(tar, name, data, **fields)
    n_bytes = tar.offset
    tar.close()
    return buffer.getvalue() if end else buffer.getvalue()[:n_bytes]


def write(name, data):
    pathlib.Path(name).write_bytes(data)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1:]


def endless(entry):
    """More entries than anybody has: the same compressed piece again and again."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        add(tar, entry)
    header = buffer.getvalue()[:tarfile.BLOCKSIZE]
    piece = gzip.compress(header * ENTRIES_OF_A_MEMBER, 1)
    return piece * N_MEMBERS + gzip.compress(bytes(10240))


def giant():
    """A file of two tebibytes, it says."""
    entry = tarfile.TarInfo("yes/giant.wav")
    entry.size = 1 << 41
    return gzip.compress(entry.tobuf(tarfile.GNU_FORMAT) + bytes(10240))


def main():
    target, source = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    files = list(data_files(source) if source else small_files())
    pathlib.Path(target).mkdir(parents=True, exist_ok=True)
    os.chdir(target)
    tar = tar_of(files)
    good = gzip.compress(tar, 1, mtime=0)
    write("good.tar.gz", good)
    write("other.tar.gz", gzip.compress(
        tar_of([(name, data[::-1]) for name, data in files] + [("./new/a.wav", sound("new"))]), 1,
        mtime=0))
    write("members.tar.gz", gzip.compress(tar[:1000]) + gzip.compress(tar[1000:]) + bytes(100000))

    # not whole
    write("truncated.tar.gz", good[:len(good) // 2])
    write("no_trailer.tar.gz", good[:-8])
    write("nearly.tar.gz", good[:-1])
    write("corrupt.tar.gz", flipped(good, len(good) // 2))
    write("corrupt_early.tar.gz", flipped(good, 3000))
    write("wrong_checksum.tar.gz", flipped(good, len(good) - 6))
    write("wrong_length.tar.gz", flipped(good, len(good) - 2))
    write("garbage_behind.tar.gz", good + b"garbage")
    write("tar_truncated.tar.gz", gzip.compress(tar[:len(tar) // 2 + 7]))
    write("tar_corrupt.tar.gz", gzip.compress(flipped(tar, tarfile.BLOCKSIZE + 20)))
    # its last file is silence, which looks like an end mark
    write("no_end_mark.tar.gz", gzip.compress(
        tar_of(files + [("./yes/silence.wav", bytes(32000))], end=False)))

    # no archive at all
    write("empty.tar.gz", b"")
    write("page.tar.gz", b"<!DOCTYPE html><html>Please log in to this network</html>")
    write("text.tar.gz", gzip.compress(b"some text, no archive " * 1000))
    write("nothing_inside.tar.gz", gzip.compress(tar_of([])))

    # malicious, or too much
    for name, entry, data, fields in (
            ("dotdot", "yes/../../evil.wav", b"x", {}),
            ("absolute", "/tmp/evil.wav", b"x", {}),
            ("symlink", "yes/link.wav", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
            ("symlink_dir", "evil", b"", {"type": tarfile.SYMTYPE, "linkname": ".."}),
            ("hardlink", "yes/hard.wav", b"",
             {"type": tarfile.LNKTYPE, "linkname": "../../../etc/passwd"}),
            ("device", "yes/null.wav", b"",
             {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3}),
            ("pipe", "yes/pipe.wav", b"", {"type": tarfile.FIFOTYPE}),
            ("control", "yes/a\nb.wav", b"x", {}),
            ("own_name", "own_name.tar.gz", b"x", {}),
            ("own_folder", ".unpacked/yes/a.wav", b"x", {}),
            ("long_name", "yes/" + 300 * "a" + ".wav", b"x", {}),
            ("file_as_folder", "README.md/a.wav", b"x", {})):
        write(name + ".tar.gz", gzip.compress(tar_of(files, (entry, data, fields)), 1))
    write("giant.tar.gz", giant())
    write("endless.tar.gz", endless("yes/a.wav"))


if __name__ == "__main__":
    main()
