#!/bin/sh
# LiteRT's Interpreter.reset_all_variables() does not reset all variables.
#
# Versions: ai-edge-litert 2.3.0, numpy 2.4.6, flatbuffers 25.12.19.
#
# A streaming model keeps its state between two calls in one of two ways: in a variable tensor
# (SVDF), or in a resource variable (VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE), which is what
# Keras streaming layers become. Each of the two models here adds up its input. After three steps
# reset_all_variables() is called, then three more steps follow. The variable tensor starts again;
# the resource variable carries on from its old value, and nothing is reported. To start a new
# sound, the second kind of model needs a new Interpreter.
#
# Output seen:
#     variable tensor:   [1.0, 2.0, 3.0] reset [1.0, 2.0, 3.0]
#     resource variable: [1.0, 2.0, 3.0] reset [4.0, 5.0, 6.0]
#     resource variable, a new Interpreter: [1.0, 2.0, 3.0]
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq ai-edge-litert==2.3.0 numpy==2.4.6 flatbuffers==25.12.19
"$scratch/bin/python" - <<'PY'
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

OP, OPTIONS, TYPE = schema.BuiltinOperator, schema.BuiltinOptions, schema.TensorType


def tensor(name, shape, kind=TYPE.FLOAT32, buffer=0, is_variable=False):
    t = schema.TensorT()
    t.name, t.shape, t.type, t.buffer, t.isVariable = name, shape, kind, buffer, is_variable
    return t


def constant(values):
    b = schema.BufferT()
    b.data = np.frombuffer(np.asarray(values, "<f4").tobytes(), "u1")
    return b


def operator(code, inputs, outputs, options_type=0, options=None):
    o = schema.OperatorT()
    o.opcodeIndex, o.inputs, o.outputs = code, inputs, outputs
    o.builtinOptionsType, o.builtinOptions = options_type, options
    return o


def graph(tensors, inputs, outputs, operators):
    g = schema.SubGraphT()
    g.tensors, g.inputs, g.outputs, g.operators = tensors, inputs, outputs, operators
    return g


def packed(codes, constants, graphs):
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT(), *map(constant, constants)]
    model.operatorCodes = []
    for code in codes:
        c = schema.OperatorCodeT()
        c.builtinCode, c.deprecatedBuiltinCode, c.version = code, min(code, 127), 1
        model.operatorCodes.append(c)
    model.subgraphs = graphs
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def variable_tensor():
    """An SVDF of one filter and a memory of four steps: all weights 1, so it sums its inputs."""
    options = schema.SVDFOptionsT()
    options.rank = 1
    return packed([OP.SVDF], [[1], [1, 1, 1, 1], [0]], [graph(
        [tensor(b"x", [1, 1]), tensor(b"frequency", [1, 1], buffer=1),
         tensor(b"time", [1, 4], buffer=2), tensor(b"bias", [1], buffer=3),
         tensor(b"state", [1, 4], is_variable=True), tensor(b"y", [1, 1])],
        [0], [5], [operator(0, [0, 1, 2, 3, 4], [5], OPTIONS.SVDFOptions, options)])])


def resource_variable():
    """sum = 0 once; y = sum + x; sum = y."""
    handle, once = schema.VarHandleOptionsT(), schema.CallOnceOptionsT()
    handle.container, handle.sharedName, once.initSubgraphIndex = b"", b"sum", 1
    return packed(
        [OP.CALL_ONCE, OP.VAR_HANDLE, OP.READ_VARIABLE, OP.ADD, OP.ASSIGN_VARIABLE], [[0]],
        [graph([tensor(b"x", [1]), tensor(b"sum", [], TYPE.RESOURCE), tensor(b"old", [1]),
                tensor(b"y", [1])], [0], [3],
               [operator(0, [], [], OPTIONS.CallOnceOptions, once),
                operator(1, [], [1], OPTIONS.VarHandleOptions, handle),
                operator(2, [1], [2]),
                operator(3, [0, 2], [3], OPTIONS.AddOptions, schema.AddOptionsT()),
                operator(4, [1, 3], [])]),
         graph([tensor(b"sum", [], TYPE.RESOURCE), tensor(b"zero", [1], buffer=1)], [], [],
               [operator(1, [], [0], OPTIONS.VarHandleOptions, handle),
                operator(4, [0, 1], [])])])


def opened(model):
    interpreter = Interpreter(model_content=model)
    interpreter.allocate_tensors()
    return interpreter


def three_steps(interpreter):
    given, got = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    sums = []
    for _ in range(3):
        interpreter.set_tensor(given["index"], np.ones(given["shape"], np.float32))
        interpreter.invoke()
        sums.append(float(interpreter.get_tensor(got["index"]).reshape(-1)[0]))
    return sums


def before_and_after(model):
    interpreter = opened(model)
    before = three_steps(interpreter)
    interpreter.reset_all_variables()
    return before, three_steps(interpreter)


svdf, resource = before_and_after(variable_tensor()), before_and_after(resource_variable())
again = three_steps(opened(resource_variable()))
print("variable tensor:  ", svdf[0], "reset", svdf[1])
print("resource variable:", resource[0], "reset", resource[1])
print("resource variable, a new Interpreter:", again)
if svdf != ([1, 2, 3], [1, 2, 3]) or resource != ([1, 2, 3], [4, 5, 6]) or again != [1, 2, 3]:
    raise SystemExit("The behaviour has changed.")
PY
