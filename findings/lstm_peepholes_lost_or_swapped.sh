#!/bin/sh
# An LSTM with peepholes: OpenVINO leaves them out, OpenCV takes two of the three for each other.
#
# Versions: openvino 2026.4.1, opencv-python-headless 5.0.0.93, onnxruntime 1.32.0, onnx 1.23.2,
# numpy 2.4.6.
#
# With peepholes the gates see the state of the cell too, as in older keyword networks for
# microcontrollers. In ONNX their weights are input P of the LSTM operator; the specification gives
# the equations and the order: input, output, forget. OpenVINO computes the layer without P (a table
# of its converter of 2021 said that P is not supported). OpenCV reads P as input, forget, output.
# Both load the file without a message. The outputs have the right shape and are near the right
# ones, so a network loses accuracy and still works. ONNX Runtime, ONNX's own reference evaluator and
# the equations in numpy agree.
#
# Output seen (largest difference from the equations with P, without it, and with it swapped):
#     ONNX Runtime:   right 0.000, without 0.067, swapped 0.079
#     ONNX reference: right 0.000, without 0.067, swapped 0.079
#     OpenVINO:       right 0.067, without 0.000, swapped 0.090
#     OpenCV:         right 0.079, without 0.090, swapped 0.000
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 \
    opencv-python-headless==5.0.0.93
"$scratch/bin/python" - "$scratch/model.onnx" <<'PY'
import sys

import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

STEPS, INPUT, STATE = 9, 5, 6
rng = np.random.default_rng(0)
x = rng.standard_normal((STEPS, 1, INPUT)).astype(np.float32)
weights = {"W": (1, 4 * STATE, INPUT), "R": (1, 4 * STATE, STATE), "B": (1, 8 * STATE),
           "P": (1, 3 * STATE)}
weights = {name: 0.5 * rng.standard_normal(shape).astype(np.float32)
           for name, shape in weights.items()}
p_i, p_o, p_f = np.split(weights["P"][0], 3)
zero = np.zeros(STATE)
PEEPHOLES = {"right": (p_i, p_o, p_f), "without": (zero, zero, zero), "swapped": (p_i, p_f, p_o)}


def sigmoid(value):
    return 1 / (1 + np.exp(-value))


def equations(p_i, p_o, p_f):
    """The layer as the specification has it; W, R and B hold the gates in the order i, o, f, c."""
    h, c, states = zero, zero, []
    for step in x[:, 0]:
        i, o, f, g = np.split(weights["W"][0] @ step + weights["R"][0] @ h
                              + weights["B"][0].reshape(2, -1).sum(0), 4)
        c_next = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * np.tanh(g)
        h, c = sigmoid(o + p_o * c_next) * np.tanh(c_next), c_next
        states.append(h)
    return np.array(states)


def lstm_model():
    first = {name: np.zeros((1, 1, STATE), np.float32) for name in ("h", "c")}
    node = helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "c", "P"], ["y", "last"],
                            hidden_size=STATE)
    graph = helper.make_graph(
        [node], "lstm", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [STEPS, 1, INPUT])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [STEPS, 1, 1, STATE]),
         helper.make_tensor_value_info("last", TensorProto.FLOAT, [1, 1, STATE])],
        [numpy_helper.from_array(value, name) for name, value in (weights | first).items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


model, path = lstm_model(), sys.argv[1]
onnx.save(model, path)
net = cv2.dnn.readNetFromONNX(path)
net.setInput(x, "x")
compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
outputs = {"ONNX Runtime": onnxruntime.InferenceSession(path).run(None, {"x": x})[0],
           "ONNX reference": ReferenceEvaluator(model).run(None, {"x": x})[0],
           "OpenVINO": compiled({"x": x})[0], "OpenCV": net.forward(["y", "last"])[0]}
expected = {"ONNX Runtime": "right", "ONNX reference": "right", "OpenVINO": "without",
            "OpenCV": "swapped"}
for name, y in outputs.items():
    off = {how: float(np.abs(y.reshape(STEPS, STATE) - equations(*peepholes)).max())
           for how, peepholes in PEEPHOLES.items()}
    print(f"{name + ':':15}", ", ".join(f"{how} {value:.3f}" for how, value in off.items()))
    if [how for how, value in off.items() if value < 1e-4] != [expected[name]]:
        raise SystemExit(f"The behaviour has changed: {name} is not \"{expected[name]}\" any more.")
PY
