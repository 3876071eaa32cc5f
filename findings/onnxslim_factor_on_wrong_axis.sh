#!/bin/sh
# onnxslim turns a factor per mel band into a factor per channel if there are as many of both.
#
# Versions: onnxslim 0.1.98, onnxruntime 1.32.0, onnx 1.23.2, numpy 2.4.6.
#
# A convolution gives channels x frames x bands, and Mul multiplies each band by a factor: a learned
# gain of the mel bands. By ONNX's rules of broadcasting, a constant of shape [40] belongs to the last
# axis. onnxslim multiplies the weights of the convolution by the constant and removes the Mul, which
# is right for a factor per channel only. It compares only the number of elements. So with 40 channels
# and 40 bands (or frames) the smaller model computes something else, and nothing is reported. Where
# the numbers differ, the Mul stays. A test with other sizes than those of the network passes.
#
# Output seen (largest difference between the model before and after):
#     per band    [40]          of 40 channels: Conv      44.162
#     per band    [1, 1, 1, 40] of 40 channels: Conv      50.435
#     per frame   [40, 1]       of 40 channels: Conv      43.975
#     per channel [40, 1, 1]    of 40 channels: Conv      0.000
#     per band    [40]          of 32 channels: Conv Mul  0.000
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 onnxslim==0.1.98
"$scratch/bin/python" - <<'PY'
import numpy as np
import onnx
import onnxruntime
import onnxslim
from onnx import TensorProto, helper, numpy_helper

FRAMES = BANDS = 40
CASES = [("per band", [BANDS], 40), ("per band", [1, 1, 1, BANDS], 40),
         ("per frame", [FRAMES, 1], 40), ("per channel", [40, 1, 1], 40), ("per band", [BANDS], 32)]
rng = np.random.default_rng(0)
x = rng.standard_normal((1, 1, FRAMES, BANDS)).astype(np.float32)
factors = rng.standard_normal(40).astype(np.float32)


def model(shape, channels):
    w = rng.standard_normal((channels, 1, 3, 3)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
             helper.make_node("Mul", ["c", "factors"], ["y"])]
    graph = helper.make_graph(
        nodes, "gain", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, channels, FRAMES, BANDS])],
        [numpy_helper.from_array(w, "w"), numpy_helper.from_array(factors.reshape(shape), "factors")])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def run(made):
    """Without ONNX Runtime's own optimiser, so that only onnxslim is in question."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(made.SerializeToString(), options)
    return session.run(None, {"x": x})[0]


for title, shape, channels in CASES:
    before = model(shape, channels)
    right = run(before)
    after = onnxslim.slim(before)
    off = float(np.abs(run(after) - right).max())
    operators = " ".join(node.op_type for node in after.graph.node)
    print(f"{title:11} {shape!s:13} of {channels} channels: {operators:9} {off:.3f}")
    if (off > 1) != (channels == 40 and title != "per channel"):
        raise SystemExit("The behaviour has changed.")
PY
