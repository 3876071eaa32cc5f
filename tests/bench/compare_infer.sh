#!/bin/sh
# How long inference of one clip takes on one thread, against LiteRT (with XNNPACK) and ONNX Runtime (the
# newest of PyPI) on the same networks in the same minutes:
#
#     sh tests/bench/compare_infer.sh [ROUNDS [BUILD_DIR [MODEL...]]]
#
# A round of all networks takes about two minutes. No verdict: ratios are printed, the reader judges.
# With WS_SPEED_LINES=FILE the figures are also appended to a file for `wordspot report`.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
rounds=${1:-3}
build=${2:-tmp/build/release}
shift "$(($# < 2 ? $# : 2))"
sh src/setup/venv.sh tmp/venv-peers ai-edge-litert onnxruntime numpy
python3 tests/bench/compare_infer.py "$build" "$rounds" tmp/venv-peers/bin/python "$@"
