#!/bin/sh
# OpenCV's dnn computes a convolution of 9 x 1 wrongly, and one of 7 x 1 or 11 x 1 rightly.
#
# Versions: opencv-python-headless 5.0.0.93, onnxruntime 1.32.0, onnx 1.23.2, numpy 2.4.6.
#
# Convolutions over time have kernels of one column: 9 x 1 in TC-ResNet, a network for keywords. The
# ONNX model here is one such operator, 8 channels to 8, and passes ONNX's checker. OpenCV loads it
# and gives numbers of the right shape that have nothing to do with the right ones, with no message.
# Of the nine kernels here it is the only wrong one; 3 x 3, which has nine elements too, is right.
# Choosing ENGINE_CLASSIC for reading changes nothing. ONNX Runtime and a convolution in a few lines
# of numpy agree with each other everywhere.
#
# Output seen (x86-64; largest difference from numpy):
#     9 x 1: OpenCV 45.403, with ENGINE_CLASSIC 45.403, ONNX Runtime 0.000
#     3 x 1, 5 x 1, 7 x 1, 8 x 1, 10 x 1, 11 x 1, 15 x 1, 3 x 3: 0.000 by all three
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    opencv-python-headless==5.0.0.93
"$scratch/bin/python" - <<'PY'
import cv2
import numpy as np
import onnxruntime as ort
from onnx import TensorProto, checker, helper, numpy_helper

KERNELS = [(3, 1), (5, 1), (7, 1), (8, 1), (9, 1), (10, 1), (11, 1), (15, 1), (3, 3)]
random = np.random.default_rng(0)
x = random.standard_normal((1, 8, 40, 40)).astype(np.float32)


def model_of(weights, y_shape):
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    graph = helper.make_graph(
        [node], "convolution", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, y_shape)],
        [numpy_helper.from_array(weights, "w")])
    made = helper.make_model(graph, ir_version=7, opset_imports=[helper.make_opsetid("", 13)])
    checker.check_model(made, full_check=True)
    return made.SerializeToString()


def by_numpy(weights):
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[2:], axis=(2, 3))
    return np.einsum("ncyxhw,kchw->nkyx", windows.astype(np.float64), weights)


def by_opencv(model, engine):
    network = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8), engine)
    network.setInput(x)
    return network.forward()


are_wrong = []
for height, width in KERNELS:
    weights = random.standard_normal((8, 8, height, width)).astype(np.float32)
    want = by_numpy(weights)
    model = model_of(weights, want.shape)
    found = {
        "OpenCV": by_opencv(model, cv2.dnn.ENGINE_AUTO),
        "with ENGINE_CLASSIC": by_opencv(model, cv2.dnn.ENGINE_CLASSIC),
        "ONNX Runtime": ort.InferenceSession(model, providers=["CPUExecutionProvider"]).run(
            None, {"x": x})[0]}
    off = {name: float(np.abs(y - want).max()) for name, y in found.items()}
    print(f"{height} x {width}:", ", ".join(f"{name} {off[name]:.3f}" for name in off))
    are_wrong += [(height, width, name) for name in off if not off[name] < 0.001]
if are_wrong != [(9, 1, "OpenCV"), (9, 1, "with ENGINE_CLASSIC")]:
    raise SystemExit(f"The behaviour has changed: wrong are {are_wrong}.")
PY
