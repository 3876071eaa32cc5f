#!/usr/bin/env python3
"""ONNX files of every network in ONNX's checker and in ONNX Runtime.

test_onnx.py TOOL: TOOL is the program lite_tool. The checker infers all shapes, and ONNX Runtime
has to give our own scores to 1e-5, for a batch of clips as for each clip alone. Of files with 8 bits
it has to give the scores of LiteRT on the TFLite file to one level, and it has to run all layers as
whole numbers."""
import json
import pathlib
import sys
import tempfile

import needs
from programs import run

needs.packages("numpy", "onnx", "onnxruntime")

import numpy as np
import onnx
import onnxruntime

try:
    from ai_edge_litert import interpreter as litert
except ImportError:
    litert = None
    print("skipped: ai-edge-litert is not installed, so the half of this test on 8 bits")

TOLERANCE = 1e-5
N = 7
LABELS = "_silence_,_unknown_,yes,no,up"


def dims_of(value):
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]


def check_file(path):
    """The checker's rules, and what a file says of itself. Returns the note on the features."""
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    sets = [(entry.domain, entry.version) for entry in model.opset_import]
    if model.ir_version != 7 or sets != [("", 13)]:
        sys.exit(f"{path}: format {model.ir_version}, operator sets {sets}")
    if not (model.doc_string and model.graph.input[0].doc_string):
        sys.exit(f"{path}: says nothing of itself")
    note = json.loads({entry.key: entry.value for entry in model.metadata_props}["wordspot"])
    want = ["N", note["n_frames"], note["frame_width"]]
    ends = {value.name: dims_of(value) for value in [*model.graph.input, *model.graph.output]}
    if ends != {"features": want, "scores": ["N", 5]} or note["labels"] != LABELS:
        sys.exit(f"{path}: its ends are {ends}, its metadata {note}")
    shapes = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    known = {value.name for value in [*shapes.value_info, *shapes.output]
             if dims_of(value)[:1] == ["N"]}
    free = [node.output[0] for node in model.graph.node
            if node.output[0] not in known and node.op_type != "DequantizeLinear"]
    if free:
        sys.exit(f"{path}: the batch dimension is lost at {free[0]}")
    return note


def session_of(path, optimized=None):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    if optimized is not None:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def litert_levels(path, features):
    """The features as levels, and the levels of the scores."""
    model = litert.Interpreter(str(path))
    model.allocate_tensors()
    given, wanted = model.get_input_details()[0], model.get_output_details()[0]
    scale, zero = given["quantization"]
    levels = np.clip(np.round(features / scale + zero), -128, 127).astype(np.int8)
    scores = []
    for sample in levels:
        model.set_tensor(given["index"], sample.reshape(given["shape"]))
        model.invoke()
        scores.append(model.get_tensor(wanted["index"]).reshape(-1).astype(int))
    return levels, np.array(scores)


def check_int8(prefix, network, features):
    """Returns by how many levels ONNX Runtime differs from LiteRT."""
    path, optimized = f"{prefix}.int8.onnx", f"{prefix}.optimized.onnx"
    onnx.checker.check_model(path, full_check=True)
    levels, want = litert_levels(f"{prefix}.int8.tflite", features)
    session = session_of(path, optimized)
    got = session.run(["scores"], {"features": (levels.astype(int) + 128).astype(np.uint8)})[0]
    left = {node.op_type for node in onnx.load(optimized).graph.node} & {"Conv", "FusedConv", "Gemm"}
    if left:
        sys.exit(f"{network}: ONNX Runtime runs {left} in floating point")
    off = int(np.abs(got.astype(int) - 128 - want).max())
    if off > 1:
        sys.exit(f"{network}: scores of 8 bits differ by {off} levels from LiteRT's, expected 1")
    return off


def main(tool):
    worst, worst_level, n_nodes = 0.0, 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for network in run(tool, "list").split():
            prefix = pathlib.Path(folder) / network
            path = prefix.parent / f"{network}.onnx"
            run(tool, "make", network, prefix, N)
            note = check_file(path)
            shape = (N, note["n_frames"], note["frame_width"])
            features = np.fromfile(f"{prefix}.features", np.float32).reshape(shape)
            want = np.fromfile(f"{prefix}.scores", np.float32).reshape(N, -1)
            session = session_of(path)
            batch = session.run(["scores"], {"features": features})[0]
            alone = np.concatenate([session.run(["scores"], {"features": features[i:i + 1]})[0]
                                    for i in range(N)])
            off = max(float(np.abs(scores - want).max()) for scores in (batch, alone))
            worst = max(worst, off)
            if not off <= TOLERANCE:
                sys.exit(f"{network}: differs by {off}, expected {TOLERANCE}")
            if np.abs(want - 0.2).max() < 0.01:
                sys.exit(f"{network}: all scores are equal, so this shows nothing")
            if litert is not None:
                worst_level = max(worst_level, check_int8(prefix, network, features))
            for node in onnx.load(path).graph.node:
                n_nodes[node.op_type] = n_nodes.get(node.op_type, 0) + 1
    print(f"largest difference: {worst:.1e}, of 8 bits {worst_level}; operators: {n_nodes}")


main(pathlib.Path(sys.argv[1]))
