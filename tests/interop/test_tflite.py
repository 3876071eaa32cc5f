#!/usr/bin/env python3
"""TFLite files of every network in the runtimes that people use.

test_tflite.py TOOL: TOOL is the program lite_tool. LiteRT runs each file as it comes (with its
default delegate), without a delegate, and with its reference kernels; TFLM runs it as a
microcontroller does. All four have to give our own scores to 1e-5."""
import json
import pathlib
import sys
import tempfile

import needs
from programs import run

needs.packages("numpy", "ai_edge_litert")

import numpy as np
from ai_edge_litert import interpreter as litert

try:
    from tflite_micro.python.tflite_micro import runtime as tflm
except ImportError:
    tflm = None
    print("skipped: tflite-micro is not installed, so its half of this test")

TOLERANCE = 1e-5
N = 3
ARENA_BYTES = 64 << 20
RESOLVERS = {
    "default": litert.OpResolverType.AUTO,
    "plain": litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    "reference": litert.OpResolverType.BUILTIN_REF,
}


def litert_scores(path, features, resolver):
    model = litert.Interpreter(str(path), experimental_op_resolver_type=RESOLVERS[resolver])
    signatures = model.get_signature_list()
    if signatures != {"serving_default": {"inputs": ["features"], "outputs": ["scores"]}}:
        sys.exit(f"{path}: the signatures are {signatures}")
    model.allocate_tensors()
    given, wanted = model.get_input_details()[0], model.get_output_details()[0]
    scores = []
    for sample in features:
        model.set_tensor(given["index"], sample.reshape(given["shape"]))
        model.invoke()
        scores.append(model.get_tensor(wanted["index"]).reshape(-1))
    return np.array(scores)


def tflm_scores(path, features):
    model = tflm.Interpreter.from_file(str(path), arena_size=ARENA_BYTES)
    shape = model.get_input_details(0)["shape"]
    scores = []
    for sample in features:
        model.set_input(sample.reshape(shape), 0)
        model.invoke()
        scores.append(np.array(model.get_output(0)).reshape(-1))
    return np.array(scores)


def check_note(path):
    note = json.loads(path.read_bytes().split(b'{"labels":', 1)[1].split(b"}", 1)[0].join(
        [b'{"labels":', b"}"]))
    if note["labels"] != "_silence_,_unknown_,yes,no,up" or not note["recipe"]:
        sys.exit(f"{path}: the metadata is {note}")
    return note


def main(tool):
    worst = {}
    with tempfile.TemporaryDirectory() as folder:
        for network in run(tool, "list").split():
            prefix = pathlib.Path(folder) / network
            run(tool, "make", network, prefix, N)
            path = prefix.parent / f"{prefix.name}.tflite"
            note = check_note(path)
            features = np.fromfile(f"{prefix}.features", np.float32).reshape(N, -1)
            if note["n_frames"] * note["frame_width"] != features.shape[1]:
                sys.exit(f"{network}: {features.shape[1]} features, the metadata says {note}")
            want = np.fromfile(f"{prefix}.scores", np.float32).reshape(N, -1)
            got = {name: litert_scores(path, features, name) for name in RESOLVERS}
            if tflm is not None:
                got["tflm"] = tflm_scores(path, features)
            for name, scores in got.items():
                off = float(np.abs(scores - want).max())
                worst[name] = max(off, worst.get(name, 0.0))
                if not off <= TOLERANCE:
                    sys.exit(f"{network} in {name}: differs by {off}, expected {TOLERANCE}")
            if np.abs(want - 0.2).max() < 0.01:
                sys.exit(f"{network}: all scores are equal, so this shows nothing")
    print("largest differences:", {name: f"{off:.1e}" for name, off in worst.items()})


main(pathlib.Path(sys.argv[1]))
