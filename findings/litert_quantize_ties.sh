#!/bin/sh
# The first operator of an 8-bit model rounds halves in two ways, by the kernels that run it.
#
# Versions: ai-edge-litert 2.3.0, tflite-micro 0.dev20261023182759, onnxruntime 1.32.0, onnx 1.23.2,
# numpy 2.4.6, flatbuffers 25.12.19.
#
# A model with float input and int8 inside begins with QUANTIZE. A value in the middle between two
# levels goes to the even level in LiteRT (XNNPACK and the built-in kernels) and in ONNX Runtime, and
# away from zero in LiteRT's reference kernels and in TFLite Micro. The difference is decided before
# the zero point is added: 0.5 of a level becomes 0 or 1 above it. Such values are no accident where
# features are whole numbers times a power of two and the scale is one too: all halves, a quarter of
# the 400 values here, come out differently. So features for a device have to be quantised by the
# caller, in one place, if a desktop and the device are to see the same bytes.
#
# Output seen (multiples of half a level, from -100 to 99.5; how many levels above those of
# rounding to even):
#     LiteRT default   {0: 400}
#     LiteRT plain     {0: 400}
#     ONNX Runtime     {0: 400}
#     LiteRT reference {-1: 50, 0: 300, 1: 50}
#     TFLite Micro     {-1: 50, 0: 300, 1: 50}
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq flatbuffers==25.12.19 numpy==2.4.6 ai-edge-litert==2.3.0 \
    tflite-micro==0.dev20261023182759 onnxruntime==1.32.0 onnx==1.23.2
"$scratch/bin/python" - <<'PY'
import flatbuffers
import numpy as np
import onnx
import onnxruntime
from ai_edge_litert import schema_py_generated as tfl
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime as micro

N, SCALE = 400, 0.25


def tflite_model():
    code, layer, graph, model = tfl.OperatorCodeT(), tfl.OperatorT(), tfl.SubGraphT(), tfl.ModelT()
    code.builtinCode = code.deprecatedBuiltinCode = tfl.BuiltinOperator.QUANTIZE
    code.version = 1
    layer.inputs, layer.outputs = [0], [1]
    layer.builtinOptionsType = tfl.BuiltinOptions.QuantizeOptions
    layer.builtinOptions = tfl.QuantizeOptionsT()
    graph.tensors = [tfl.TensorT(), tfl.TensorT()]
    for made, kind in zip(graph.tensors, (tfl.TensorType.FLOAT32, tfl.TensorType.INT8)):
        made.shape, made.type, made.buffer = [1, N], kind, 0
    made.quantization = tfl.QuantizationParametersT()
    made.quantization.scale, made.quantization.zeroPoint = [SCALE], [0]
    graph.inputs, graph.outputs, graph.operators = [0], [1], [layer]
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [tfl.BufferT()]
    packer = flatbuffers.Builder()
    packer.Finish(model.Pack(packer), b"TFL3")
    return bytes(packer.Output())


def by_litert(model, x, kernels):
    runner = Interpreter(model_content=model, experimental_op_resolver_type=kernels)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], x)
    runner.invoke()
    return runner.get_tensor(runner.get_output_details()[0]["index"])


def by_micro(model, x):
    runner = micro.Interpreter.from_bytes(model, arena_size=100000)
    runner.set_input(x, 0)
    runner.invoke()
    return runner.get_output(0)


def by_onnx(x):
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["y"])], "quantise",
        [tensor("x", onnx.TensorProto.FLOAT, [1, N])], [tensor("y", onnx.TensorProto.INT8, [1, N])],
        [onnx.helper.make_tensor("scale", onnx.TensorProto.FLOAT, [], [SCALE]),
         onnx.helper.make_tensor("zero", onnx.TensorProto.INT8, [], [0])])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)],
                                   ir_version=7)
    session = onnxruntime.InferenceSession(model.SerializeToString(),
                                           providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


levels = np.arange(-N // 2, N // 2, dtype=np.float32).reshape(1, N) / 2
x = levels * np.float32(SCALE)
even = np.clip(np.rint(levels), -128, 127).astype(int)
model = tflite_model()
found = {"LiteRT default": by_litert(model, x, OpResolverType.AUTO),
         "LiteRT plain": by_litert(model, x, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES),
         "ONNX Runtime": by_onnx(x),
         "LiteRT reference": by_litert(model, x, OpResolverType.BUILTIN_REF),
         "TFLite Micro": by_micro(model, x)}
counts = {}
for name, value in found.items():
    kinds, numbers = np.unique(value.astype(int) - even, return_counts=True)
    counts[name] = dict(zip(kinds.tolist(), numbers.tolist()))
    print(f"{name:16} {counts[name]}")
same, away = {0: N}, {-1: 50, 0: 300, 1: 50}
if list(counts.values()) != [same, same, same, away, away]:
    raise SystemExit("The behaviour has changed.")
PY
