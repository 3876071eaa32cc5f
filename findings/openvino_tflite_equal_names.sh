#!/bin/sh
# OpenVINO takes one constant of a TFLite file for another if both have the same name.
#
# Versions: openvino 2026.4.1, ai-edge-litert 2.3.0, numpy 2.4.6, flatbuffers 25.12.19.
#
# Operators of a TFLite file refer to tensors by number. The schema says that names are for debugging
# and for import into TensorFlow, and asks nothing more of them, so LiteRT does not read them. OpenVINO
# finds tensors by name, and takes the first one of that name for all others. Files of TensorFlow's
# converter have different names, but a writer of one's own easily calls each bias "bias". The model
# here adds a constant of 1, then one of 10. With equal names OpenVINO adds 1 twice. No error or
# warning comes, as long as the shapes fit; where they do not, the error is about a shape.
#
# Output seen (of 0, 1 and 2):
#     names "first" and "second": LiteRT [11.0, 12.0, 13.0], OpenVINO [11.0, 12.0, 13.0]
#     names "bias" and "bias": LiteRT [11.0, 12.0, 13.0], OpenVINO [2.0, 3.0, 4.0]
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq flatbuffers==25.12.19 numpy==2.4.6 ai-edge-litert==2.3.0 \
    openvino==2026.4.1
"$scratch/bin/python" - "$scratch/model.tflite" <<'PY'
import pathlib
import sys

import flatbuffers
import numpy as np
import openvino
from ai_edge_litert import schema_py_generated as tfl
from ai_edge_litert.interpreter import Interpreter

X = np.array([[0, 1, 2]], np.float32)


def write_model(first, second):
    code, graph, model = tfl.OperatorCodeT(), tfl.SubGraphT(), tfl.ModelT()
    code.builtinCode = code.deprecatedBuiltinCode = tfl.BuiltinOperator.ADD
    code.version = 1
    model.buffers, graph.tensors, graph.operators = [tfl.BufferT()], [], []
    for name, constant in (("x", None), (first, 1), ("sum", None), (second, 10), ("y", None)):
        tensor = tfl.TensorT()
        tensor.name, tensor.shape, tensor.type = name, X.shape, tfl.TensorType.FLOAT32
        tensor.buffer = 0
        if constant is not None:
            tensor.buffer = len(model.buffers)
            model.buffers.append(tfl.BufferT())
            model.buffers[-1].data = np.full(X.shape, constant, np.float32).view(np.uint8).ravel()
        graph.tensors.append(tensor)
    for inputs, output in (([0, 1], 2), ([2, 3], 4)):
        layer = tfl.OperatorT()
        layer.inputs, layer.outputs = inputs, [output]
        layer.builtinOptionsType = tfl.BuiltinOptions.AddOptions
        layer.builtinOptions = tfl.AddOptionsT()
        graph.operators.append(layer)
    graph.inputs, graph.outputs = [0], [4]
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    packer = flatbuffers.Builder()
    packer.Finish(model.Pack(packer), b"TFL3")
    pathlib.Path(sys.argv[1]).write_bytes(packer.Output())


def by_litert():
    runner = Interpreter(sys.argv[1])
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], X)
    runner.invoke()
    return runner.get_tensor(runner.get_output_details()[0]["index"]).ravel().tolist()


def by_openvino():
    runner = openvino.Core().compile_model(sys.argv[1], "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return next(iter(runner(X).values())).ravel().tolist()


found = []
for names in ("first", "second"), ("bias", "bias"):
    write_model(*names)
    found += [by_litert(), by_openvino()]
    print(f'names "{names[0]}" and "{names[1]}": LiteRT {found[-2]}, OpenVINO {found[-1]}')
if found != [[11.0, 12.0, 13.0]] * 3 + [[2.0, 3.0, 4.0]]:
    raise SystemExit("The behaviour has changed.")
PY
