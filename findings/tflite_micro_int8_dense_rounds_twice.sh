#!/bin/sh
# int8 FULLY_CONNECTED of TFLite Micro rounds twice; LiteRT's reference kernel rounds once.
#
# Versions: ai-edge-litert 2.3.0, tflite-micro 0.dev20261023182759, numpy 2.4.6,
# flatbuffers 25.12.19.
#
# Both multiply an int32 sum by a fixed-point factor, here 0.00236, and round it to int8. LiteRT's
# reference kernel (BUILTIN_REF) rounds once: all outputs are exact. TFLite Micro rounds to a
# multiple of 1/256 first, then to an integer. A value such as 41.4985 becomes 41.5, then 42. So
# outputs less than 1/512 from a tie are one level too far from zero, and no other output is wrong:
# exact arithmetic tells which. A test that compares a device with BUILTIN_REF to the bit must allow
# for it. The layer here has 64 inputs and 64 units; on 600 rows it gives 38,400 outputs. The counts
# below are numbers of outputs, by their distance from the exact level, away from zero.
#
# Output seen (x86-64):
#     LiteRT reference: {0: 38400}
#     TFLite Micro:     {0: 38339, 1: 61}
#     outputs just below a tie: 61, the same ones
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq ai-edge-litert==2.3.0 tflite-micro==0.dev20261023182759 \
    numpy==2.4.6 flatbuffers==25.12.19
"$scratch/bin/python" - <<'PY'
import flatbuffers
import numpy as np
from ai_edge_litert import interpreter as litert, schema_py_generated as tfl
from tflite_micro.python.tflite_micro import runtime as micro

ROWS, DEPTH, UNITS = 600, 64, 64
TENSORS = {"x": ([ROWS, DEPTH], 0.043), "w": ([UNITS, DEPTH], 0.017), "y": ([ROWS, UNITS], 0.31)}


def dense_layer(weights):
    code, layer, graph, model = tfl.OperatorCodeT(), tfl.OperatorT(), tfl.SubGraphT(), tfl.ModelT()
    code.builtinCode = code.deprecatedBuiltinCode = tfl.BuiltinOperator.FULLY_CONNECTED
    code.version = 4
    layer.inputs, layer.outputs = [0, 1, -1], [2]
    layer.builtinOptionsType = tfl.BuiltinOptions.FullyConnectedOptions
    layer.builtinOptions = tfl.FullyConnectedOptionsT()
    graph.tensors = []
    for name, (shape, scale) in TENSORS.items():
        made = tfl.TensorT()
        made.shape, made.type, made.buffer = shape, tfl.TensorType.INT8, int(name == "w")
        made.quantization = tfl.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [scale], [0]
        graph.tensors.append(made)
    graph.inputs, graph.outputs, graph.operators = [0], [2], [layer]
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [tfl.BufferT(), tfl.BufferT()]
    model.buffers[1].data = weights.view(np.uint8).reshape(-1)
    packer = flatbuffers.Builder()
    packer.Finish(model.Pack(packer), b"TFL3")
    return bytes(packer.Output())


def by_litert(model, x):
    runner = litert.Interpreter(
        model_content=model, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], x)
    runner.invoke()
    return runner.get_tensor(runner.get_output_details()[0]["index"])


def by_micro(model, x):
    runner = micro.Interpreter.from_bytes(model, arena_size=200000)
    runner.set_input(x, 0)
    runner.invoke()
    return runner.get_output(0)


def counts(values):
    return {int(v): int((values == v).sum()) for v in np.unique(values)}


random = np.random.default_rng(0)
x = random.integers(-128, 128, (ROWS, DEPTH)).astype(np.int8)
w = random.integers(-127, 128, (UNITS, DEPTH)).astype(np.int8)
scale = {name: float(np.float32(scale)) for name, (_, scale) in TENSORS.items()}
real = (x.astype(int) @ w.astype(int).T) * (scale["x"] * scale["w"] / scale["y"])
exact = np.clip(np.round(real), -128, 127)
below_tie = 0.5 - np.abs(real) % 1
is_near = (below_tie > 0) & (below_tie < 1 / 512) & (real > -128) & (real < 127)
model = dense_layer(w)
once, twice = ((run(model, x) - exact) * np.sign(real) for run in (by_litert, by_micro))
print("LiteRT reference:", counts(once))
print("TFLite Micro:    ", counts(twice))
is_same = np.array_equal(twice != 0, is_near)
print(f"outputs just below a tie: {is_near.sum()}, {'the same' if is_same else 'other'} ones")
if once.any() or set(counts(twice)) != {0, 1} or not is_same:
    raise SystemExit("The behaviour has changed.")
PY
