#!/bin/sh
# A quote or a backslash in a tag or a run's name: TensorBoard lists the picture and cannot show it.
#
# Versions: tensorboard 2.21.0 with tensorboard-data-server 0.7.2, protobuf 7.36.2, numpy 2.4.6,
# setuptools 80.9.0.
#
# Scalars may have any tag, so that measurements such as 24" screen or C:\data are charted. A picture
# under such a tag is in the list of the Images page, but the default loader (written in Rust) answers
# 400 when the page asks for it: its keys of pictures are JSON text in base64, and it compares the
# names with their escapes still in them. The same holds for run names and for sound. With
# --load_fast=false the picture is there.
#
# Output seen (status of the request for the picture):
#     default loader: plain 200, 24" screen 400, C:\data 400
#     --load_fast=false: plain 200, 24" screen 200, C:\data 200
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq tensorboard==2.21.0 \
    tensorboard-data-server==0.7.2 protobuf==7.36.2 numpy==2.4.6 setuptools==80.9.0
"$scratch/bin/python" - "$scratch" <<'PY'
import json
import re
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

TAGS = ["plain", '24" screen', "C:\\data"]
WAIT_S = 60
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


# one grey pixel
PNG = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) +
       chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b""))


def get(url):
    try:
        with HTTP.open(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def address(server, log):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and server.poll() is None:
        with open(log) as file:
            url = re.search(r"http://127\.0\.0\.1:\d+/", file.read())
        if url is not None and get(url[0] + "data/plugin/images/tags")[1] not in (b"", b"{}"):
            return url[0]
        time.sleep(0.5)
    raise SystemExit("TensorBoard did not start.")


def statuses(folder, *flags):
    log = folder + ".log"
    with open(log, "wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1",
             "--port", "0", *flags], stdout=out, stderr=out)
    try:
        url = address(server, log)
        found = []
        for tag in TAGS:
            query = urllib.parse.urlencode({"run": ".", "tag": tag, "sample": 0})
            listed = json.loads(get(url + "data/plugin/images/images?" + query)[1])
            picture = url + "data/plugin/images/individualImage?" + listed[0]["query"]
            found.append(get(picture)[0])
    finally:
        server.terminate()
        server.wait()
    print(f"{' '.join(flags) or 'default loader'}: " +
          ", ".join(f"{tag} {status}" for tag, status in zip(TAGS, found)), flush=True)
    return found


folder = sys.argv[1] + "/logs"
writer = EventFileWriter(folder)
for tag in TAGS:
    image = Summary.Image(height=1, width=1, colorspace=1, encoded_image_string=PNG)
    value = Summary.Value(tag=tag, image=image)
    writer.add_event(Event(wall_time=time.time(), step=1, summary=Summary(value=[value])))
writer.close()
fast = statuses(folder)
slow = statuses(folder, "--load_fast=false")
if fast != [200, 400, 400] or slow != [200, 200, 200]:
    raise SystemExit("The behaviour has changed.")
PY
