#!/bin/sh
# LiteRT's reference kernel of int8 SUM is wrong as soon as a value lies below the zero point.
#
# Versions: ai-edge-litert 2.3.0, tflite-micro 0.dev20261023182759, numpy 2.4.6,
# flatbuffers 25.12.19.
#
# BUILTIN_REF is what one compares a kernel of one's own with. Here it adds the two or three rows of
# a 1 x rows x 1 x columns tensor of int8 whose scale is 1 and whose zero point is 0, so each result
# is the plain sum, a small integer. XNNPACK (the default), the built-in kernels and TFLite Micro
# give it. The reference kernel gives it in columns without a negative number. In each column with
# one it gives -1, whatever the sum is, and raises no error. With another scale or zero point the
# numbers are others, and still far off: in the last case, random bytes as a layer has them, scale
# 0.05 to 0.4, hardly an output is right, and the error can be the whole range.
#
# Output seen:
#     columns      [1, 2, 3] [100, -50, 7] [-1, -2, -3] [50, -20, 0] [3, 0, -1]
#     default      [6, 57, -6, 30, 2]
#     plain        [6, 57, -6, 30, 2]
#     reference    [6, -1, -1, -1, -1]
#     TFLite Micro [6, 57, -6, 30, 2]
#     random bytes, outputs of 64 that are within a level of the exact one:
#     default 64, plain 64, reference 0, TFLite Micro 64
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq flatbuffers==25.12.19 numpy==2.4.6 ai-edge-litert==2.3.0 \
    tflite-micro==0.dev20261023182759
"$scratch/bin/python" - <<'PY'
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as tfl
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime as micro

KERNELS = {"default": OpResolverType.AUTO,
           "plain": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
           "reference": OpResolverType.BUILTIN_REF}
COLUMNS = [[1, 2, 3], [100, -50, 7], [-1, -2, -3], [50, -20, 0], [3, 0, -1]]


def tensor(shape, kind, buffer=0, scale=None):
    made = tfl.TensorT()
    made.shape, made.type, made.buffer = shape, kind, buffer
    if scale is not None:
        made.quantization = tfl.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [scale], [0]
    return made


def sum_over_rows(x, scale_in, scale_out):
    """A model of one operator: int8 [1, rows, 1, columns] to int8 [1, 1, columns]."""
    code, layer, graph, model = tfl.OperatorCodeT(), tfl.OperatorT(), tfl.SubGraphT(), tfl.ModelT()
    code.builtinCode = code.deprecatedBuiltinCode = tfl.BuiltinOperator.SUM
    code.version = 2
    layer.inputs, layer.outputs = [0, 1], [2]
    layer.builtinOptionsType = tfl.BuiltinOptions.ReducerOptions
    layer.builtinOptions = tfl.ReducerOptionsT()
    int8 = tfl.TensorType.INT8
    graph.tensors = [tensor(x.shape, int8, scale=scale_in),
                     tensor([1], tfl.TensorType.INT32, buffer=1),
                     tensor([1, 1, x.shape[3]], int8, scale=scale_out)]
    graph.inputs, graph.outputs, graph.operators = [0], [2], [layer]
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [tfl.BufferT(), tfl.BufferT()]
    model.buffers[1].data = np.array([1], np.int32).view(np.uint8)
    packer = flatbuffers.Builder()
    packer.Finish(model.Pack(packer), b"TFL3")
    return bytes(packer.Output())


def by_litert(model, x, kernels):
    runner = Interpreter(model_content=model, experimental_op_resolver_type=kernels)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], x)
    runner.invoke()
    return runner.get_tensor(runner.get_output_details()[0]["index"])


def results(x, scale_in=1.0, scale_out=1.0):
    model = sum_over_rows(x, scale_in, scale_out)
    found = {name: by_litert(model, x, kernels) for name, kernels in KERNELS.items()}
    runner = micro.Interpreter.from_bytes(model, arena_size=100000)
    runner.set_input(x, 0)
    runner.invoke()
    found["TFLite Micro"] = runner.get_output(0)
    return {name: value.astype(int).ravel() for name, value in found.items()}


small = np.array(COLUMNS, np.int8).T.reshape(1, 3, 1, -1)
print("columns     ", *COLUMNS)
sums = {name: value.tolist() for name, value in results(small).items()}
for name, value in sums.items():
    print(f"{name:12} {value}")

layer = np.random.default_rng(0).integers(-128, 128, (1, 8, 1, 64)).astype(np.int8)
exact = np.clip(np.rint(layer.astype(int).sum(1).ravel() * 0.05 / 0.4), -128, 127)
right = {name: int((np.abs(value - exact) <= 1).sum())
         for name, value in results(layer, 0.05, 0.4).items()}
print("random bytes, outputs of 64 that are within a level of the exact one:")
print(", ".join(f"{name} {count}" for name, count in right.items()))

true = [sum(column) for column in COLUMNS]
if (sums != {"default": true, "plain": true, "reference": [6, -1, -1, -1, -1], "TFLite Micro": true}
        or right.pop("reference") > 5 or set(right.values()) != {64}):
    raise SystemExit("The behaviour has changed.")
PY
