#!/bin/sh
# TensorBoard's HParams: a filter on a setting keeps the runs that do not have the setting.
#
# Versions: tensorboard 2.21.0 with tensorboard-data-server 0.7.2, protobuf 7.36.2, numpy 2.4.6,
# setuptools 80.9.0.
#
# Runs of a comparison often have different settings: momentum belongs to one optimiser only. Here
# run "a" has a rate, "b" a rate and a momentum of 0.9, "c" and "d" a rate and a beta of 0.99 and
# 0.9. Asked through its own address for the runs whose momentum lies between 0.8 and 1, the plugin
# answers all four. A filter of beta from 0.95 to 1 takes only "d" away, so "a" and "b" look as if
# their beta were in range. And of a setting with one value, which here tells "b" from all others,
# the plugin says that it does not differ, though most runs lack it. So a run should write all
# settings, also those that it does not use.
#
# Output seen:
#     beta differs, momentum does not differ, rate does not differ
#     momentum from 0.8 to 1: a b c d
#     beta from 0.95 to 1: a b c
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
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

RUNS = {"a": {"rate": 0.1}, "b": {"rate": 0.1, "momentum": 0.9}, "c": {"rate": 0.1, "beta": 0.99},
        "d": {"rate": 0.1, "beta": 0.9}}
WAIT_S = 60
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def write(folder, settings):
    start = plugin_data_pb2.SessionStartInfo()
    for name, value in settings.items():
        start.hparams[name].number_value = value
    data = plugin_data_pb2.HParamsPluginData(session_start_info=start)
    hparams = Summary.Value(tag=metadata.SESSION_START_INFO_TAG,
                            metadata=metadata.create_summary_metadata(data),
                            tensor=metadata.NULL_TENSOR)
    writer = EventFileWriter(folder)
    writer.add_event(Event(wall_time=time.time(), summary=Summary(value=[hparams])))
    score = Summary.Value(tag="accuracy", simple_value=0.5)
    writer.add_event(Event(wall_time=time.time(), step=1, summary=Summary(value=[score])))
    writer.close()


def ask(url, what, **question):
    request = urllib.request.Request(url + "data/plugin/hparams/" + what,
                                     json.dumps({"experimentName": "", **question}).encode(),
                                     {"Content-Type": "application/json"})
    with HTTP.open(request) as answer:
        return json.load(answer)


def sessions(url, *columns):
    groups = ask(url, "session_groups", colParams=list(columns), startIndex=0, sliceSize=100,
                 allowedStatuses=["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE",
                                  "STATUS_RUNNING"])
    return sorted(session["name"] for group in groups.get("sessionGroups", [])
                  for session in group["sessions"])


def address(server, log):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and server.poll() is None:
        with open(log) as file:
            url = re.search(r"http://127\.0\.0\.1:\d+/", file.read())
        try:
            if url is not None and len(sessions(url[0])) == len(RUNS):
                return url[0]
        except urllib.error.HTTPError:
            pass  # nothing is read yet
        time.sleep(0.5)
    raise SystemExit("TensorBoard did not start.")


def filtered(url, name, least, most):
    found = sessions(url, {"hparam": name, "filterInterval": {"minValue": least, "maxValue": most}})
    print(f"{name} from {least} to {most}:", *found, flush=True)
    return found


folder = sys.argv[1] + "/logs"
for run, settings in RUNS.items():
    write(f"{folder}/{run}", settings)
log = folder + ".log"
with open(log, "wb") as out:
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1",
         "--port", "0"], stdout=out, stderr=out)
try:
    url = address(server, log)
    differs = {info["name"]: info["differs"]
               for info in ask(url, "experiment")["hparamInfos"]}
    print(", ".join(f"{name} {'differs' if differs[name] else 'does not differ'}"
                    for name in sorted(differs)))
    momentum = filtered(url, "momentum", 0.8, 1)
    beta = filtered(url, "beta", 0.95, 1)
finally:
    server.terminate()
    server.wait()
if (differs != {"beta": True, "momentum": False, "rate": False}
        or momentum != ["a", "b", "c", "d"] or beta != ["a", "b", "c"]):
    raise SystemExit("The behaviour has changed.")
PY
