#!/bin/sh
# A GRU that reads its input backwards: tract and OpenCV read it forwards, without a message.
#
# Versions: tract 0.23.9, opencv-python-headless 5.0.0.93, onnxruntime 1.32.0, onnx 1.23.2,
# numpy 2.4.6.
#
# ONNX's GRU has an attribute "direction": forward, reverse or bidirectional. A layer with "reverse"
# (go_backwards in Keras) starts at the last step. tract and OpenCV load it and give, to the last
# digit, the result of "forward". With "bidirectional" both are right, so a test of that direction
# does not find it. In tract an LSTM is wrong in the same way. ONNX Runtime, ONNX's own reference
# evaluator and numpy agree in all cases. Input 5, state 6, 9 steps.
#
# Output seen (largest difference from numpy):
#     forward:       ONNX Runtime 0.000, reference 0.000, tract 0.000, OpenCV 0.000
#     reverse:       ONNX Runtime 0.000, reference 0.000, tract 1.110, OpenCV 1.110
#     bidirectional: ONNX Runtime 0.000, reference 0.000, tract 0.000, OpenCV 0.000
#     reverse, from numpy's forward: tract 0.000, OpenCV 0.000
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 tract==0.23.9 \
    opencv-python-headless==5.0.0.93
"$scratch/bin/python" - "$scratch" <<'PY'
import sys

import cv2
import numpy as np
import onnx
import onnxruntime
import tract
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

STEPS, INPUT, STATE = 9, 5, 6
DIRECTIONS = {"forward": [1], "reverse": [-1], "bidirectional": [1, -1]}
rng = np.random.default_rng(0)
x = rng.standard_normal((STEPS, 1, INPUT)).astype(np.float32)
w = rng.standard_normal((2, 3 * STATE, INPUT)).astype(np.float32)
r = rng.standard_normal((2, 3 * STATE, STATE)).astype(np.float32)
b = rng.standard_normal((2, 6 * STATE)).astype(np.float32)


def sigmoid(value):
    return 1 / (1 + np.exp(-value))


def one_way(layer, order):
    """The equations of the specification with linear_before_reset=1; gates in the order z, r, h."""
    h, states = np.zeros(STATE), []
    b_w, b_r = np.split(b[layer], 2)
    for step in x[::order, 0]:
        z, reset, new = np.split(w[layer] @ step + b_w, 3)
        h_z, h_r, h_h = np.split(r[layer] @ h + b_r, 3)
        z = sigmoid(z + h_z)
        h = (1 - z) * np.tanh(new + sigmoid(reset + h_r) * h_h) + z * h
        states.append(h)
    return np.array(states[::order])


def by_numpy(direction):
    orders = DIRECTIONS[direction]
    return np.stack([one_way(layer, order) for layer, order in enumerate(orders)], 1)


def run_all(direction):
    ways = len(DIRECTIONS[direction])
    node = helper.make_node("GRU", ["x", "w", "r", "b"], ["y", "h"], hidden_size=STATE,
                            linear_before_reset=1, direction=direction)
    graph = helper.make_graph(
        [node], "gru", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [STEPS, 1, INPUT])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [STEPS, ways, 1, STATE]),
         helper.make_tensor_value_info("h", TensorProto.FLOAT, [ways, 1, STATE])],
        [numpy_helper.from_array(value[:ways], name)
         for name, value in (("w", w), ("r", r), ("b", b))])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, sys.argv[1] + "/model.onnx")
    runnable = tract.onnx().load(sys.argv[1] + "/model.onnx").into_model().into_runnable()
    net = cv2.dnn.readNetFromONNX(sys.argv[1] + "/model.onnx")
    net.setInput(x, "x")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    outputs = {"ONNX Runtime": session.run(None, {"x": x})[0],
               "reference": ReferenceEvaluator(model).run(None, {"x": x})[0],
               "tract": runnable.run([x])[0].to_numpy(), "OpenCV": net.forward(["y", "h"])[0]}
    return {name: y.reshape(STEPS, ways, STATE) for name, y in outputs.items()}


for direction in DIRECTIONS:
    outputs = run_all(direction)
    off = {name: float(np.abs(y - by_numpy(direction)).max()) for name, y in outputs.items()}
    print(f"{direction + ':':14}", ", ".join(f"{name} {value:.3f}" for name, value in off.items()))
    right = {name for name, value in off.items() if value < 1e-4}
    if right != ({"ONNX Runtime", "reference"} if direction == "reverse" else set(off)):
        raise SystemExit("The behaviour has changed.")
    if direction == "reverse":
        forward = {name: float(np.abs(outputs[name] - by_numpy("forward")).max())
                   for name in ("tract", "OpenCV")}
print("reverse, from numpy's forward:",
      ", ".join(f"{name} {value:.3f}" for name, value in forward.items()))
if max(forward.values()) > 1e-4:
    raise SystemExit("The behaviour has changed: reverse is not taken for forward.")
PY
