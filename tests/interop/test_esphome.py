#!/usr/bin/env python3
"""A wake word for ESPHome: the stream's model, and what its manifest says.

test_esphome.py TOOL: TOOL is the program lite_tool. Step after step of a stream, TFLM has to give
our scores with its rounding to the bit, and LiteRT as it comes those with exact rounding to two
levels of 256. TFLM has to run the model in the arena that the manifest says, and not in half of it,
and has to lay tensors out in as many bytes as our plan of them, for the other networks, too."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import needs
from programs import run

needs.packages("numpy", "ai_edge_litert", "tflite_micro")

import numpy as np
from ai_edge_litert import interpreter as litert
from tflite_micro.python.tflite_micro import runtime as tflm

try:
    from pymicro_wakeword.microwakeword import MicroWakeWord, MicroWakeWordFeatures
except ImportError:
    MicroWakeWord = None
    print("skipped: pymicro-wakeword is not installed, so its part of this test")

MAX_LEVELS = 2  # the score is a product of several LOGISTICs, each rounded
N = 2  # clips that show ranges; their frames are the stream
SHAPE = [1, 3, 40]
PLANNED = ("tiny_conv", "ds_cnn_s", "tc_resnet_8", "bc_resnet_1")
MICRO_KEYS = {"probability_cutoff", "feature_step_size", "sliding_window_size",
              "tensor_arena_size", "minimum_esphome_version"}


def check_manifest(path):
    manifest = json.loads(path.with_suffix(".json").read_text())
    micro = manifest.pop("micro")
    if manifest != {"type": "micro", "wake_word": "up", "author": "unknown", "model": path.name,
                    "trained_languages": ["en"], "version": 2}:
        sys.exit(f"the manifest is {manifest}")
    if set(micro) != MICRO_KEYS or micro["probability_cutoff"] != 0.5 or \
            micro["feature_step_size"] != 10 or micro["sliding_window_size"] != 5:
        sys.exit(f"the manifest says {micro}")
    return micro["tensor_arena_size"]


def check_arena(path, size):
    model = tflm.Interpreter.from_file(str(path), arena_size=size)
    model.set_input(np.zeros(SHAPE, np.int8), 0)
    model.invoke()
    try:
        tflm.Interpreter.from_file(str(path), arena_size=size // 2)
    except RuntimeError:
        return
    sys.exit(f"{path.name} also runs in half of {size} bytes")


def check_listener(path):
    """A program that reads ESPHome's manifests takes ours, and follows two seconds of noise."""
    word = MicroWakeWord.from_config(path.with_suffix(".json"))
    if (word.wake_word, word.probability_cutoff, word.sliding_window_size) != ("up", 0.5, 5):
        sys.exit(f"read from the manifest: {vars(word)}")
    noise = np.random.default_rng(1).integers(-3000, 3000, (200, 160)).astype(np.int16)
    front, n_frames = MicroWakeWordFeatures(), 0
    for piece in noise:
        for frame in front.process_streaming(piece.tobytes()):
            word.process_streaming(frame)
            n_frames += 1
    if n_frames < 190:
        sys.exit(f"only {n_frames} frames in two seconds")


def check_plan(tool, path):
    """TFLM prints its plan on standard error, past Python."""
    program = ("import sys\n"
               "from tflite_micro.python.tflite_micro import runtime\n"
               "runtime.Interpreter.from_file(sys.argv[1], arena_size=1 << 24)"
               ".print_allocations()\n")
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True,
                          text=True, check=True, timeout=120)
    said = re.search(r"Arena allocation head (\d+) bytes", done.stdout + done.stderr)
    ours = int(run(tool, "sizes", path).split()[0])
    if said is None or int(said.group(1)) != ours:
        sys.exit(f"{path.name}: TFLM says {said and said.group(0)}, ours are {ours} bytes")


def our_scores(tool, path, n, rounding):
    done = subprocess.run([str(tool), "run", str(path), str(path.with_suffix(".features")), str(n),
                           rounding], capture_output=True, check=True, timeout=120)
    steps = np.frombuffer(done.stdout, np.uint8).reshape(n, -1)
    return steps[:, -1].astype(int)  # the score is what is computed last


def whole_steps(path, details):
    scale, zero = details["quantization"]
    if list(details["shape"]) != SHAPE or abs(scale * 255 - 26) > 1e-4 or zero != -128:
        sys.exit(f"the input is {details}")
    real = np.fromfile(path.with_suffix(".features"), np.float32).reshape([-1] + SHAPE)
    exact = np.rint(real.astype(np.float64) / float(np.float32(scale))) + zero
    return np.clip(exact, -128, 127).astype(np.int8)


def litert_scores(model, steps):
    given, wanted = model.get_input_details()[0], model.get_output_details()[0]
    if wanted["dtype"] != np.uint8 or wanted["quantization"] != (1 / 256, 0):
        sys.exit(f"the output is {wanted}")
    scores = []
    for step in steps:
        model.set_tensor(given["index"], step)
        model.invoke()
        scores.append(int(model.get_tensor(wanted["index"]).reshape(-1)[0]))
    return np.array(scores)


def tflm_scores(path, steps):
    model = tflm.Interpreter.from_file(str(path), arena_size=1 << 20)
    scores = []
    for step in steps:
        model.set_input(step, 0)
        model.invoke()
        scores.append(int(np.array(model.get_output(0)).reshape(-1)[0]))
    return np.array(scores)


def check_stream(tool, path):
    model = litert.Interpreter(str(path))
    model.allocate_tensors()
    steps = whole_steps(path, model.get_input_details()[0])
    exact = our_scores(tool, path, len(steps), "exact")
    twice = our_scores(tool, path, len(steps), "tflm")
    if len(np.unique(exact)) < 10:
        sys.exit(f"only the scores {np.unique(exact)}, so this shows nothing")
    off = int(np.abs(litert_scores(model, steps) - exact).max())
    if off > MAX_LEVELS:
        sys.exit(f"LiteRT: {off} levels off")
    micro = tflm_scores(path, steps)
    if not np.array_equal(micro, twice):
        sys.exit(f"TFLM: {micro}, ours: {twice}")
    print(f"{len(steps)} steps; LiteRT: {off} levels off; TFLM: equal")


def main(tool):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "wake.tflite"
        run(tool, "wake", path.with_suffix(""), N)
        check_arena(path, check_manifest(path))
        if MicroWakeWord is not None:
            check_listener(path)
        check_plan(tool, path)
        check_stream(tool, path)
        for network in PLANNED:
            run(tool, "make", network, pathlib.Path(folder) / network, 1)
            check_plan(tool, pathlib.Path(folder) / f"{network}.int8.tflite")


main(pathlib.Path(sys.argv[1]))
