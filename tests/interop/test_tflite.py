#!/usr/bin/env python3
"""TFLite files of every network in the runtimes that people use.

test_tflite.py TOOL: TOOL is the program lite_tool. LiteRT runs each file as it comes (with its
default delegate), without a delegate, and with its reference kernels; TFLM runs it as a
microcontroller does. All four have to give our own scores to 1e-5 in floating point. In 8 bits our
executor has to give what they give: with exact rounding that of LiteRT as it comes, to one level of
256 in a score, and with TFLM's rounding, to the bit, each tensor of the reference kernels, and TFLM's output."""
import json
import pathlib
import subprocess
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
MAX_LEVELS = 1  # sums of two tensors are rounded in LiteRT by a multiplier of whole numbers
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


def whole_features(features, details):
    scale, zero = details["quantization"]
    return np.clip(np.rint(features / scale) + zero, -128, 127).astype(np.int8)


def our_tensors(tool, path, features_path, rounding):
    """All that is computed, sample after sample, as bytes."""
    done = subprocess.run([str(tool), "run", str(path), features_path, str(N), rounding],
                          capture_output=True, check=False, timeout=120)
    if done.returncode:
        sys.exit(f"{path}: {done.stderr.decode()}")
    return np.frombuffer(done.stdout, np.int8).reshape(N, -1)


def compare_int8(tool, path, features_path, worst):
    features = np.fromfile(features_path, np.float32).reshape(N, -1)
    exact = our_tensors(tool, path, features_path, "exact")
    twice = our_tensors(tool, path, features_path, "tflm")
    as_is = litert.Interpreter(str(path))
    plain = litert.Interpreter(str(path),
                               experimental_op_resolver_type=RESOLVERS["reference"],
                               experimental_preserve_all_tensors=True)
    as_is.allocate_tensors()
    plain.allocate_tensors()
    given, wanted = as_is.get_input_details()[0], as_is.get_output_details()[0]
    micro = tflm and tflm.Interpreter.from_file(str(path), arena_size=ARENA_BYTES)
    # FULLY_CONNECTED is rounded once in LiteRT's reference kernels, and twice in TFLM: from the
    # first one on, only TFLM says what is right
    ops = plain._get_ops_details()
    names = [op["op_name"] for op in ops]
    tensors = [tensor for op in ops[:names.index("FULLY_CONNECTED")] for tensor in op["outputs"]]
    for i in range(N):
        sample = whole_features(features[i], given).reshape(given["shape"])
        as_is.set_tensor(given["index"], sample)
        as_is.invoke()
        scores = as_is.get_tensor(wanted["index"]).reshape(-1)
        off = int(np.abs(scores.astype(int) - exact[i][-scores.size:]).max())
        worst["int8 default, levels"] = max(off, worst.get("int8 default, levels", 0))
        if off > MAX_LEVELS:
            sys.exit(f"{path}: LiteRT {scores}, ours {exact[i][-scores.size:]}")
        plain.set_tensor(given["index"], sample)
        plain.invoke()
        at = 0
        for tensor in tensors:
            want = plain.get_tensor(tensor).reshape(-1)
            off = int((want != twice[i][at:at + want.size]).sum())
            if off:
                sys.exit(f"{path}: tensor {tensor} has {off} of {want.size} other numbers")
            at += want.size
        if micro:
            micro.set_input(sample, 0)
            micro.invoke()
            scores = np.array(micro.get_output(0)).reshape(-1)
            if not np.array_equal(scores, twice[i][-scores.size:]):
                sys.exit(f"{path}: TFLM {scores}, ours {twice[i][-scores.size:]}")


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
            compare_int8(tool, prefix.parent / f"{prefix.name}.int8.tflite", f"{prefix}.features",
                         worst)
            if np.abs(want - 0.2).max() < 0.01:
                sys.exit(f"{network}: all scores are equal, so this shows nothing")
    print("largest differences:", {name: f"{off:.1g}" for name, off in worst.items()})


main(pathlib.Path(sys.argv[1]))
