#!/bin/sh
# TFLite Micro needs a larger arena to load a model than the total that it reports afterwards.
#
# Versions: tflite-micro 0.dev20261023182759, numpy 2.4.6, flatbuffers 25.12.19.
#
# print_allocations() gives an "Arena allocation total", and it is tempting to make the arena of a
# device that large. While AllocateTensors() plans where each tensor lies, it needs further memory
# for each tensor, which is free again when the total is counted. An arena of exactly the reported
# total is refused ("Too many buffers"). The models here are chains of RELU on four floats; about a
# third of what they need is only for the plan. The least arena is found by halving.
#
# Output seen:
#     10 operators: total 1904 bytes, needs 2720 to load
#     50 operators: total 6704 bytes, needs 10400 to load
#     100 operators: total 12704 bytes, needs 20000 to load
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq tflite-micro==0.dev20261023182759 numpy==2.4.6 \
    flatbuffers==25.12.19
"$scratch/bin/python" - <<'PY'
import contextlib
import os
import re
import tempfile

import flatbuffers
import numpy as np
from tflite_micro.python.tflite_micro.runtime import Interpreter
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as fb

LARGE = 100000


def chain_of_relu(length):
    graph, model, code = fb.SubGraphT(), fb.ModelT(), fb.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = fb.BuiltinOperator.RELU
    graph.inputs, graph.outputs = [0], [length]
    graph.tensors = [fb.TensorT() for _ in range(length + 1)]
    for tensor in graph.tensors:
        tensor.shape, tensor.type = [1, 4], fb.TensorType.FLOAT32
    graph.operators = [fb.OperatorT() for _ in range(length)]
    for at, relu in enumerate(graph.operators):
        relu.inputs, relu.outputs = [at], [at + 1]
    model.version, model.buffers = 3, [fb.BufferT()]
    model.subgraphs, model.operatorCodes = [graph], [code]
    packer = flatbuffers.Builder()
    packer.Finish(model.Pack(packer), b"TFL3")
    return bytes(packer.Output())


@contextlib.contextmanager
def messages():
    """A file with what the interpreter prints meanwhile, from C, to the standard error."""
    with tempfile.TemporaryFile("w+") as kept:
        terminal = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield kept
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def reported_total(model):
    interpreter = Interpreter.from_bytes(model, arena_size=LARGE)
    interpreter.set_input(np.float32([[-1, 0, 1, 2]]), 0)
    interpreter.invoke()
    assert interpreter.get_output(0).tolist() == [[0, 0, 1, 2]]
    with messages() as printed:
        interpreter.print_allocations()
        printed.seek(0)
        return int(re.search(r"Arena allocation total (\d+) bytes", printed.read())[1])


def loads(model, arena_size):
    with messages(), contextlib.suppress(RuntimeError):
        Interpreter.from_bytes(model, arena_size=arena_size)
        return True
    return False


def least_arena(model, too_small, enough):
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if loads(model, middle):
            enough = middle
        else:
            too_small = middle
    return enough


for length in 10, 50, 100:
    model = chain_of_relu(length)
    total = reported_total(model)
    if loads(model, total):
        raise SystemExit("The behaviour has changed: the reported total is enough to load.")
    needed = least_arena(model, total, LARGE)
    print(f"{length} operators: total {total} bytes, needs {needed} to load")
PY
