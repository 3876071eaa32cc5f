#!/bin/sh
# TensorBoard's own reader of tensors cannot read tensors of three types that its messages can hold.
#
# Versions: tensorboard 2.21.0, protobuf 7.36.2, numpy 2.4.6, setuptools 80.9.0.
#
# TensorProto stores numbers in two ways: as bytes (tensor_content) or in a list per type
# (half_val, uint32_val, ...). tensor_util.make_ndarray() of tensorboard.util, through which Python
# programs read tensor summaries, takes both ways for most types. Numbers of type bfloat16 it takes in
# neither way, and uint32 and uint64 as bytes only: the same number raises a TypeError or is read,
# depending on how its writer stored it. TensorFlow's function of the same name reads all of them.
#
# Output seen:
#     half     content: [1.]  list: [1.]
#     bfloat16 content: TypeError  list: TypeError
#     uint32   content: [7]  list: TypeError
#     uint64   content: [7]  list: TypeError
#     int32    content: [7]  list: [7]
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq tensorboard==2.21.0 protobuf==7.36.2 numpy==2.4.6 setuptools==80.9.0
"$scratch/bin/python" - <<'PY'
import struct

from tensorboard.compat.proto import types_pb2
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.util.tensor_util import make_ndarray

ONE = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
# name, type, the number as bytes, the list and what it holds of the number
CASES = [
    ("half", types_pb2.DT_HALF, struct.pack("<e", 1.0), "half_val", 0x3C00),
    ("bfloat16", types_pb2.DT_BFLOAT16, struct.pack("<f", 1.0)[2:], "half_val", 0x3F80),
    ("uint32", types_pb2.DT_UINT32, struct.pack("<I", 7), "uint32_val", 7),
    ("uint64", types_pb2.DT_UINT64, struct.pack("<Q", 7), "uint64_val", 7),
    ("int32", types_pb2.DT_INT32, struct.pack("<i", 7), "int_val", 7),
]
WANTED = {
    "half": ("[1.]", "[1.]"),
    "bfloat16": ("TypeError", "TypeError"),
    "uint32": ("[7]", "TypeError"),
    "uint64": ("[7]", "TypeError"),
    "int32": ("[7]", "[7]"),
}


def read(**stored):
    try:
        return str(make_ndarray(TensorProto(tensor_shape=ONE, **stored)))
    except TypeError:
        return "TypeError"


seen = {}
for name, dtype, content, field, item in CASES:
    seen[name] = (read(dtype=dtype, tensor_content=content), read(dtype=dtype, **{field: [item]}))
    print(f"{name:8} content: {seen[name][0]}  list: {seen[name][1]}")
if seen != WANTED:
    raise SystemExit("The behaviour has changed.")
PY
