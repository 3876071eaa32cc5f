#!/bin/sh
# In tract every score of an 8-bit ONNX classifier is 1.0, whatever it is given.
#
# Versions: tract 0.23.9, onnxruntime 1.32.0, onnx 1.23.2, numpy 2.4.6.
#
# The usual end of such a model is DequantizeLinear, Softmax, QuantizeLinear with a scale of 1/256.
# tract joins the three into one operator on integers, and this gives 255 for each class, or 128
# with a scale of 1/128: always the level of 1.0. There is no error, and the layers before it are
# right, so the fault looks like one of the model. It holds for uint8 and int8. Softmax in floating
# point is right, and so is the same chain with Sigmoid in the place of Softmax. A model whose last
# operator is Softmax, with float scores, is a way out.
#
# Output seen (levels of five scores):
#     Softmax, uint8, scale 1/256: ONNX Runtime [39, 11, 62, 104, 39], tract [255, 255, 255, 255, 255]
#     Softmax, uint8, scale 1/128: ONNX Runtime [20, 6, 31, 52, 19], tract [128, 128, 128, 128, 128]
#     Softmax, int8, scale 1/256: ONNX Runtime [-89, -117, -66, -24, -89],
#         tract [127, 127, 127, 127, 127]
#     Sigmoid, uint8, scale 1/256: both [186, 109, 207, 224, 185]
#     Softmax with float scores: both [0.154, 0.043, 0.244, 0.408, 0.151], rounded
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 tract==0.23.9
"$scratch/bin/python" - "$scratch/model.onnx" <<'PY'
import sys

import numpy as np
import onnxruntime as ort
import tract
from onnx import TensorProto, checker, helper, numpy_helper, save

LEVELS = np.array([[153, 84, 178, 206, 152]])


def write_model(kind, dtype, scale):
    """The three operators; without the last one if scale is None."""
    of_levels = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    least = np.iinfo(dtype).min
    constants = {"x_scale": np.float32(0.0184), "x_zero": dtype(100 + least),
                 "y_scale": np.float32(scale or 1), "y_zero": dtype(least)}
    nodes = [helper.make_node("DequantizeLinear", ["x", "x_scale", "x_zero"], ["a"]),
             helper.make_node(kind, ["a"], ["b" if scale else "y"])]
    if scale:
        nodes.append(helper.make_node("QuantizeLinear", ["b", "y_scale", "y_zero"], ["y"]))
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes, "scores", [helper.make_tensor_value_info("x", of_levels, LEVELS.shape)],
        [helper.make_tensor_value_info("y", of_levels if scale else TensorProto.FLOAT,
                                       LEVELS.shape)],
        [numpy_helper.from_array(np.asarray(constants[name]), name) for name in constants
         if name in used])
    made = helper.make_model(graph, ir_version=7, opset_imports=[helper.make_opsetid("", 13)])
    checker.check_model(made, full_check=True)
    save(made, sys.argv[1])


def scores(kind, dtype, scale):
    write_model(kind, dtype, scale)
    x = (LEVELS + np.iinfo(dtype).min).astype(dtype)
    by_ort = ort.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    by_tract = tract.onnx().load(sys.argv[1]).into_model().into_runnable()
    return [(y if scale else np.round(y.astype(float), 3)).ravel().tolist()
            for y in (by_ort.run(None, {"x": x})[0], by_tract.run([x])[0].to_numpy())]


def level_of_one(dtype, scale):
    return min(np.iinfo(dtype).min + round(1 / scale), np.iinfo(dtype).max)


has_changed = False
for kind, dtype, scale in [("Softmax", np.uint8, 1 / 256), ("Softmax", np.uint8, 1 / 128),
                           ("Softmax", np.int8, 1 / 256), ("Sigmoid", np.uint8, 1 / 256),
                           ("Softmax", np.uint8, None)]:
    want, got = scores(kind, dtype, scale)
    print(f"{kind}, {dtype.__name__}, {f'scale 1/{round(1 / scale)}' if scale else 'float scores'}: "
          f"ONNX Runtime {want}, tract {got}")
    if kind == "Softmax" and scale:
        has_changed |= got != [level_of_one(dtype, scale)] * 5 or got == want
    else:
        has_changed |= np.abs(np.subtract(got, want)).max() > (1 if scale else 0.0011)
if has_changed:
    raise SystemExit("The behaviour has changed.")
PY
