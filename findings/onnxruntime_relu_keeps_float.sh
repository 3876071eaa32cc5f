#!/bin/sh
# In ONNX Runtime a Relu silently turns an 8-bit convolution back into a float one.
#
# Versions: onnxruntime 1.32.0, onnx 1.23.2, numpy 2.4.6.
#
# The usual form of an 8-bit model is QDQ: DequantizeLinear, Conv, (Relu,) QuantizeLinear, which
# the runtime fuses into one QLinearConv on integers. With a Relu before QuantizeLinear it does so
# only if the zero point of the output is the least value of its type (0 for uint8, -128 for int8):
# then the Relu is nothing but saturation and can be dropped. With any other zero point, also the
# common 128, the convolution stays in float, between two conversions: nothing is logged, results
# are right, and the speed of integers is gone. Without the Relu every zero point is fused.
# The script has the optimised graph written to a file and prints its operators.
#
# Output seen:
#     Relu, zero point 0: QLinearConv
#     Relu, zero point 1: FusedConv
#     Relu, zero point 128: FusedConv
#     no Relu, zero point 0: QLinearConv
#     no Relu, zero point 1: QLinearConv
#     no Relu, zero point 128: QLinearConv
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
"$scratch/bin/python" - "$scratch/optimised.onnx" <<'PY'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SHAPE = [1, 8, 16, 16]


def qdq_convolution(zero_point, has_relu):
    weights = np.random.default_rng(0).integers(-63, 64, (8, 8, 3, 3)).astype(np.int8)
    constants = {"w": weights, "w_zero": np.int8(0), "scale": np.float32(0.01),
                 "y_scale": np.float32(0.1), "zero": np.uint8(zero_point)}
    nodes = [helper.make_node("DequantizeLinear", ["x", "scale", "zero"], ["x_float"]),
             helper.make_node("DequantizeLinear", ["w", "scale", "w_zero"], ["w_float"]),
             helper.make_node("Conv", ["x_float", "w_float"], ["sums"], pads=[1, 1, 1, 1]),
             *([helper.make_node("Relu", ["sums"], ["kept"])] if has_relu else []),
             helper.make_node("QuantizeLinear", ["kept" if has_relu else "sums", "y_scale", "zero"],
                              ["y"])]
    graph = helper.make_graph(
        nodes, "layer", [helper.make_tensor_value_info("x", TensorProto.UINT8, SHAPE)],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, SHAPE)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def convolutions(model):
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = sys.argv[1]
    options.log_severity_level = 3  # writing the optimised model gives a warning
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return [n.op_type for n in onnx.load(sys.argv[1]).graph.node if "Conv" in n.op_type]


is_same = True
for has_relu in True, False:
    for zero_point in 0, 1, 128:
        found = convolutions(qdq_convolution(zero_point, has_relu))
        print(f"{'Relu' if has_relu else 'no Relu'}, zero point {zero_point}: {' '.join(found)}")
        is_same &= found == ["FusedConv" if has_relu and zero_point > 0 else "QLinearConv"]
if not is_same:
    raise SystemExit("The behaviour has changed.")
PY
