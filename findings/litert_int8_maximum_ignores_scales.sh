#!/bin/sh
# int8 MAXIMUM takes the larger byte, not the larger number; GREATER compares the numbers.
#
# Versions: ai-edge-litert 2.3.0, tflite-micro 0.dev20261023182759, numpy 2.4.6,
# flatbuffers 25.12.19.
#
# Each int8 tensor has a scale and a zero point of its own. ADD, SUB, MUL, GREATER and the other
# comparisons honour them. MAXIMUM and MINIMUM do not, and do not complain either: two inputs whose
# scales are 0.1 and 0.01 are compared byte by byte, and the larger byte is written to an output of
# scale 0.1. So 1.0 (byte 10) beside 0.5 (byte 50) gives 5.0, which is neither. LiteRT with XNNPACK,
# with its built-in kernels, with its reference kernels and TFLite Micro agree on it, so comparing
# runtimes does not find it. A converter has to give the three tensors one scale by itself, which a
# hand-made file (a clipped ReLU by MINIMUM, a pooling of two branches by MAXIMUM) easily lacks.
#
# Output seen (a = 1.0, -2.0, 3.0; b = 0.5, 0.9, -1.2):
#     a > b       [True, False, True]     all four
#     max(a, b)   [5.0, 9.0, 3.0]         all four; true: [1.0, 0.9, 3.0]
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

KERNELS = {"LiteRT default": OpResolverType.AUTO,
           "LiteRT plain": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
           "LiteRT reference": OpResolverType.BUILTIN_REF}
SCALES = (0.1, 0.01, 0.1)  # of a, b and the result
A, B = [1.0, -2.0, 3.0], [0.5, 0.9, -1.2]


def model_of(operator, options, result_type):
    code, layer, graph, model = tfl.OperatorCodeT(), tfl.OperatorT(), tfl.SubGraphT(), tfl.ModelT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(tfl.BuiltinOperator, operator)
    code.version = 2
    layer.inputs, layer.outputs = [0, 1], [2]
    layer.builtinOptionsType = getattr(tfl.BuiltinOptions, options)
    layer.builtinOptions = getattr(tfl, options + "T")()
    graph.tensors = []
    for scale, kind in zip(SCALES, (tfl.TensorType.INT8, tfl.TensorType.INT8, result_type)):
        made = tfl.TensorT()
        made.shape, made.type, made.buffer = [1, len(A)], kind, 0
        if kind == tfl.TensorType.INT8:
            made.quantization = tfl.QuantizationParametersT()
            made.quantization.scale, made.quantization.zeroPoint = [scale], [0]
        graph.tensors.append(made)
    graph.inputs, graph.outputs, graph.operators = [0, 1], [2], [layer]
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [tfl.BufferT()]
    packer = flatbuffers.Builder()
    packer.Finish(model.Pack(packer), b"TFL3")
    return bytes(packer.Output())


def by_litert(model, inputs, kernels):
    runner = Interpreter(model_content=model, experimental_op_resolver_type=kernels)
    runner.allocate_tensors()
    for details, values in zip(runner.get_input_details(), inputs):
        runner.set_tensor(details["index"], values)
    runner.invoke()
    return runner.get_tensor(runner.get_output_details()[0]["index"])


def by_micro(model, inputs):
    runner = micro.Interpreter.from_bytes(model, arena_size=100000)
    for place, values in enumerate(inputs):
        runner.set_input(values, place)
    runner.invoke()
    return runner.get_output(0)


def results(operator, options, result_type):
    model = model_of(operator, options, result_type)
    inputs = [np.rint(np.array([values]) / scale).astype(np.int8)
              for values, scale in zip((A, B), SCALES)]
    found = {name: by_litert(model, inputs, kernels) for name, kernels in KERNELS.items()}
    found["TFLite Micro"] = by_micro(model, inputs)
    return {name: values.ravel() for name, values in found.items()}


is_greater = {name: values.astype(bool).tolist()
              for name, values in results("GREATER", "GreaterOptions", tfl.TensorType.BOOL).items()}
larger = {name: np.round(values * SCALES[2], 6).tolist()
          for name, values in results("MAXIMUM", "MaximumMinimumOptions",
                                      tfl.TensorType.INT8).items()}
for name in larger:
    print(f"{name:16} a > b {is_greater[name]}, max(a, b) {larger[name]}")
print(f"true             a > b {[a > b for a, b in zip(A, B)]}, max(a, b) {np.maximum(A, B).tolist()}")
if (any(values != [True, False, True] for values in is_greater.values())
        or any(values != [5.0, 9.0, 3.0] for values in larger.values())):
    raise SystemExit("The behaviour has changed.")
PY
