#!/bin/sh
# One of TensorBoard's two loaders never shows what is written to the older of two event files.
#
# Versions: tensorboard 2.21.0 with tensorboard-data-server 0.7.2, protobuf 7.36.2, numpy 2.4.6,
# setuptools 80.9.0.
#
# Two processes log into one folder, as a trainer and an evaluator do, or a job and the job that was
# started beside it. The first one writes a point, the second one opens its file, then the first one
# writes another point. TensorBoard's default loader (written in Rust) shows this point within
# seconds. With --load_fast=false, and wherever the package of the default loader is missing, it is
# never shown, as long as the server runs: this loader reads the files in the order of their names,
# and does not return to a file once a later file has had data. No message says so. A server that is
# started afterwards shows the point.
#
# Output seen (points of the first process's curve, whose file is the older one):
#     default loader: 1 point, 2 points after the older file has grown
#     --load_fast=false: 1 point, 1 point after the older file has grown
#     --load_fast=false, started again: 2 points
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq tensorboard==2.21.0 \
    tensorboard-data-server==0.7.2 protobuf==7.36.2 numpy==2.4.6 setuptools==80.9.0
"$scratch/bin/python" - "$scratch" <<'PY'
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

WAIT_S = 20  # the server looks for new data each second
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def log(writer, tag, step):
    value = Summary.Value(tag=tag, simple_value=step)
    writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=[value])))
    writer.flush()


class Server:
    def __init__(self, folder, *flags):
        self.log = open(folder + ".log", "w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1",
             "--port", "0", "--reload_interval", "1", *flags],
            stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def n_points(self, wanted):
        """The points of the tag `older`; waits until there are that many, or WAIT_S."""
        n, end = 0, time.monotonic() + WAIT_S
        while n < wanted and time.monotonic() < end:
            time.sleep(0.5)
            with open(self.log.name) as file:
                url = re.search(r"http://127\.0\.0\.1:\d+/", file.read())
            if url is None:
                end = time.monotonic() + WAIT_S
                if self.process.poll() is not None:
                    raise SystemExit("TensorBoard ended.")
                continue
            runs = json.load(HTTP.open(url[0] + "data/plugin/scalars/tags"))
            if "older" in runs.get(".", {}):
                points = url[0] + "data/plugin/scalars/scalars?run=.&tag=older"
                n = len(json.load(HTTP.open(points)))
        return n


def show(folder, *flags):
    os.mkdir(folder)
    older = EventFileWriter(folder)
    log(older, "older", 1)
    time.sleep(1.1)  # the second is a part of a file's name
    newer = EventFileWriter(folder)
    log(newer, "newer", 1)
    with Server(folder, *flags) as server:
        before = server.n_points(1)
        log(older, "older", 2)
        after = server.n_points(2)
    older.close()
    newer.close()
    print(f"{' '.join(flags) or 'default loader'}: {before} point, {after} point{'s'[:after - 1]}"
          " after the older file has grown", flush=True)
    return before, after


scratch = sys.argv[1]
fast = show(scratch + "/fast")
slow = show(scratch + "/slow", "--load_fast=false")
with Server(scratch + "/slow", "--load_fast=false") as server:
    again = server.n_points(2)
print(f"--load_fast=false, started again: {again} points")
if fast != (1, 2) or slow != (1, 1) or again != 2:
    raise SystemExit("The behaviour has changed.")
PY
