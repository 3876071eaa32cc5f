#!/bin/sh
# ONNX Runtime keeps an 8-bit Gemm in float if a Flatten stands after DequantizeLinear.
#
# Versions: onnxruntime 1.32.0, onnx 1.23.2, numpy 2.4.6.
#
# An 8-bit dense layer is written as DequantizeLinear, Gemm, QuantizeLinear, and the runtime fuses
# the three into one QGemm on integers. With a Flatten between DequantizeLinear and Gemm it does
# not: the product stays in float. Flatten changes only the shape, results are equal, and nothing
# is logged. A Reshape to the same shape at the same place is moved out of the way, and QGemm
# follows. So does a Flatten of the uint8 tensor, before DequantizeLinear.
# The script has the optimised graph written to a file and prints its operators.
#
# Output seen:
#     Flatten, DequantizeLinear: Flatten QGemm
#     DequantizeLinear, Flatten: DequantizeLinear Flatten DequantizeLinear Gemm QuantizeLinear
#     Reshape, DequantizeLinear: Reshape QGemm
#     DequantizeLinear, Reshape: Reshape QGemm
#     results are equal
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq numpy==2.4.6 \
    onnx==1.23.2 onnxruntime==1.32.0
"$scratch/bin/python" - "$scratch/fused.onnx" <<'PY'
import sys

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, checker, helper, load, numpy_helper

random = np.random.default_rng(0)
x = random.integers(0, 256, (1, 4, 4, 2)).astype(np.uint8)
WEIGHTS = random.integers(-63, 64, (32, 6)).astype(np.int8)
CONSTANTS = {"w": WEIGHTS, "w_scale": np.float32(0.01), "w_zero": np.int8(0),
             "x_scale": np.float32(0.02), "x_zero": np.uint8(128),
             "y_scale": np.float32(0.1), "y_zero": np.uint8(120), "shape": np.array([1, 32])}
FURTHER_INPUTS = {"DequantizeLinear": ["x_scale", "x_zero"], "Flatten": [], "Reshape": ["shape"]}


def dense_layer(first, second):
    """The operators first and second, then Gemm and QuantizeLinear."""
    steps = [(first, ["x", *FURTHER_INPUTS[first]], "a"),
             (second, ["a", *FURTHER_INPUTS[second]], "b"),
             ("DequantizeLinear", ["w", "w_scale", "w_zero"], "w_float"),
             ("Gemm", ["b", "w_float"], "sums"),
             ("QuantizeLinear", ["sums", "y_scale", "y_zero"], "y")]
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output]) for kind, inputs, output in steps], "dense",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, [1, 6])],
        [numpy_helper.from_array(CONSTANTS[name], name) for name in CONSTANTS
         if any(name in inputs for _, inputs, _ in steps)])
    made = helper.make_model(graph, ir_version=7, opset_imports=[helper.make_opsetid("", 13)])
    checker.check_model(made, full_check=True)
    return made.SerializeToString()


def optimised(model):
    """The operators that remain, and the result for x."""
    settings = ort.SessionOptions()
    settings.log_severity_level = 3  # writing the optimised model gives a warning
    settings.optimized_model_filepath = sys.argv[1]
    session = ort.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    return [n.op_type for n in load(sys.argv[1]).graph.node], session.run(None, {"x": x})[0]


is_float, results = {}, []
for shaper in "Flatten", "Reshape":
    for order in (shaper, "DequantizeLinear"), ("DequantizeLinear", shaper):
        kinds, y = optimised(dense_layer(*order))
        print(f"{', '.join(order)}: {' '.join(kinds)}")
        is_float[order] = "Gemm" in kinds and "QGemm" not in kinds
        results.append(y)
are_equal = all(np.array_equal(y, results[0]) for y in results)
print("results are equal" if are_equal else "results differ")
if [order for order in is_float if is_float[order]] != [("DequantizeLinear", "Flatten")]:
    raise SystemExit("The behaviour has changed: other layers stay in float.")
if not are_equal:
    raise SystemExit("The behaviour has changed: results depend on the form.")
PY
