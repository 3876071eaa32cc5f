#!/bin/sh
# LiteRT's int8 MEAN is biased with keep_dims=true, and only then.
#
# Versions: ai-edge-litert 2.3.0, numpy 2.4.6, flatbuffers 25.12.19.
#
# A global average over height and width, int8, 1 x 5 x 5 x 256. keep_dims changes the shape of the
# result, [1, 1, 1, 256] or [1, 256], and should change nothing else. With the built-in kernels
# (BUILTIN_WITHOUT_DEFAULT_DELEGATES), keep_dims=true selects another code path, which rounds the
# zero-point term to an integer before it adds the rest. The error has one sign: a third of the
# outputs of this layer are one level too high and none is too low, so the error does not average
# out in later layers. Without keep_dims, and with the reference kernels, the few errors have both
# signs. The default (XNNPACK) is exact here. The counts below are numbers of outputs, by their
# distance from exact arithmetic in levels.
#
# Output seen (x86-64; the counts may differ on another processor, the one-sided error should not):
#     default   keep_dims=True    {0: 256}
#     default   keep_dims=False   {0: 256}
#     plain     keep_dims=True    {0: 169, 1: 87}
#     plain     keep_dims=False   {-1: 5, 0: 243, 1: 8}
#     reference keep_dims=True    {-1: 5, 0: 243, 1: 8}
#     reference keep_dims=False   {-1: 5, 0: 243, 1: 8}
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq flatbuffers==25.12.19 numpy==2.4.6 ai-edge-litert==2.3.0
"$scratch/bin/python" - <<'PY'
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

IN_SCALE, IN_ZERO, OUT_SCALE, OUT_ZERO = 0.1, -1, 0.06, 0
KERNELS = {"default": OpResolverType.AUTO,
           "plain": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
           "reference": OpResolverType.BUILTIN_REF}


def tensor(name, shape, kind, buffer=0, scale=None, zero=0):
    t = schema.TensorT()
    t.name, t.shape, t.type, t.buffer = name, shape, kind, buffer
    if scale is not None:
        t.quantization = schema.QuantizationParametersT()
        t.quantization.scale, t.quantization.zeroPoint = [scale], [zero]
    return t


def mean_model(keep_dims):
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.MEAN
    code.version = 2
    axes = schema.BufferT()
    axes.data = np.frombuffer(np.array([1, 2], "<i4").tobytes(), "u1")
    mean = schema.OperatorT()
    mean.inputs, mean.outputs = [0, 1], [2]
    mean.builtinOptionsType = schema.BuiltinOptions.ReducerOptions
    mean.builtinOptions = schema.ReducerOptionsT()
    mean.builtinOptions.keepDims = keep_dims
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor(b"x", [1, 5, 5, 256], schema.TensorType.INT8, 0, IN_SCALE, IN_ZERO),
        tensor(b"axes", [2], schema.TensorType.INT32, 1),
        tensor(b"y", [1, 1, 1, 256] if keep_dims else [1, 256], schema.TensorType.INT8, 0,
               OUT_SCALE, OUT_ZERO)]
    graph.inputs, graph.outputs, graph.operators = [0], [2], [mean]
    model = schema.ModelT()
    model.version, model.operatorCodes = 3, [code]
    model.buffers, model.subgraphs = [schema.BufferT(), axes], [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(model, kernels, x):
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).reshape(-1)


x = np.random.default_rng(0).integers(-128, 127, (1, 5, 5, 256)).astype(np.int8)
average = (x.astype(float) - IN_ZERO).mean((1, 2)).reshape(-1)
exact = np.clip(np.round(average * IN_SCALE / OUT_SCALE + OUT_ZERO), -128, 127).astype(int)
off = {}
for name, kernels in KERNELS.items():
    for keep_dims in True, False:
        difference = run(mean_model(keep_dims), kernels, x).astype(int) - exact
        off[name, keep_dims] = {int(d): int((difference == d).sum()) for d in np.unique(difference)}
        print(f"{name:9} keep_dims={keep_dims!s:7} {off[name, keep_dims]}")
kept, dropped = off["plain", True], off["plain", False]
if set(kept) != {0, 1} or kept[1] < 50:
    raise SystemExit("The behaviour has changed: the error is not one-sided any more.")
if sum(n for d, n in dropped.items() if d) > 20 or kept == off["reference", True]:
    raise SystemExit("The behaviour has changed: keep_dims makes no difference any more.")
PY
