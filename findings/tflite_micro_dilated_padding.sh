#!/bin/sh
# TFLite Micro pads an int8 dilated convolution (SPACE_TO_BATCH_ND) with an arbitrary byte.
#
# Versions: ai-edge-litert 2.3.0, tflite-micro 0.dev20261023182759, numpy 2.4.6,
# flatbuffers 25.12.19.
#
# A dilated convolution over time often stands in a file as SPACE_TO_BATCH_ND, CONV_2D and
# BATCH_TO_SPACE_ND, where the converter did not join the three. The first one pads, and the byte of
# zero is the zero point. LiteRT writes this byte with all of its kernels. TFLite Micro takes the byte
# from a field in its arena that no code sets: in a fresh arena it is 0, and otherwise what was there
# before (68 and 111 were seen). It has nothing to do with the zero point. All other values are right,
# so only the frames near the ends are wrong, and in a causal network the first ones after each start.
# No error is reported. A PAD operator in front, with paddings of 0 in SPACE_TO_BATCH_ND, is right.
#
# Output seen (bytes in the places of padding; those of TFLite Micro may differ):
#     zero point    7: LiteRT [7], its reference kernels [7], TFLite Micro [0]
#     zero point  -20: LiteRT [-20], its reference kernels [-20], TFLite Micro [0]
#     zero point  -90: LiteRT [-90], its reference kernels [-90], TFLite Micro [0]
#     zero point   33: LiteRT [33], its reference kernels [33], TFLite Micro [0]
#     other places that differ: 0
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq flatbuffers==25.12.19 numpy==2.4.6 ai-edge-litert==2.3.0 \
    tflite-micro==0.dev20261023182759
"$scratch/bin/python" - 2>"$scratch/log" <<'PY'
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime

FRAMES, CHANNELS, DILATION, PAD = 14, 4, 2, 4


def tensor(name, shape, kind, buffer=0, zero=None):
    t = schema.TensorT()
    t.name, t.shape, t.type, t.buffer = name, shape, kind, buffer
    if zero is not None:
        t.quantization = schema.QuantizationParametersT()
        t.quantization.scale, t.quantization.zeroPoint = [0.1], [zero]
    return t


def constant(values):
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(np.array(values, "<i4").tobytes(), "u1")
    return buffer


def model(zero):
    """Every second frame: two batches of nine frames, after four frames of padding in front."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.SPACE_TO_BATCH_ND
    code.version = 2
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1, 2], [3]
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor(b"x", [1, FRAMES, 1, CHANNELS], schema.TensorType.INT8, 0, zero),
        tensor(b"block", [2], schema.TensorType.INT32, 1),
        tensor(b"paddings", [2, 2], schema.TensorType.INT32, 2),
        tensor(b"y", [DILATION, (PAD + FRAMES) // DILATION, 1, CHANNELS],
               schema.TensorType.INT8, 0, zero)]
    graph.inputs, graph.outputs, graph.operators = [0], [3], [operator]
    made = schema.ModelT()
    made.version, made.operatorCodes, made.subgraphs = 3, [code], [graph]
    made.buffers = [schema.BufferT(), constant([DILATION, 1]), constant([[PAD, 0], [0, 0]])]
    builder = flatbuffers.Builder(0)
    builder.Finish(made.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def litert(data, x, kernels):
    interpreter = Interpreter(model_content=data, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def micro(data, x):
    interpreter = runtime.Interpreter.from_bytes(data)
    interpreter.set_input(x, 0)
    interpreter.invoke()
    return interpreter.get_output(0)


x = np.random.default_rng(0).integers(-100, 100, (1, FRAMES, 1, CHANNELS)).astype(np.int8)
wrong, elsewhere = 0, 0
for zero in 7, -20, -90, 33:
    padded = np.pad(x, ((0, 0), (PAD, 0), (0, 0), (0, 0)), constant_values=zero)
    right = np.concatenate([padded[:, first::DILATION] for first in range(DILATION)])
    data = model(zero)
    outputs = {"LiteRT": litert(data, x, OpResolverType.AUTO),
               "its reference kernels": litert(data, x, OpResolverType.BUILTIN_REF),
               "TFLite Micro": micro(data, x)}
    fills = {name: np.unique(y[:, :PAD // DILATION]).tolist() for name, y in outputs.items()}
    print(f"zero point {zero:4}:", ", ".join(f"{name} {fill}" for name, fill in fills.items()))
    elsewhere += sum(int((y[:, PAD // DILATION:] != right[:, PAD // DILATION:]).sum())
                     for y in outputs.values())
    wrong += fills["TFLite Micro"] != [zero]
    if fills["LiteRT"] != [zero] or fills["its reference kernels"] != [zero]:
        raise SystemExit("The behaviour has changed: LiteRT does not pad with the zero point.")
print("other places that differ:", elsewhere)
if not wrong or elsewhere:
    raise SystemExit("The behaviour has changed: TFLite Micro pads with the zero point now.")
PY
