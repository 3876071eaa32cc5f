#!/bin/sh
# How many sound files a second one core labels with a model of 8 bits, from the WAV file to the best word: `wordspot
# label_wav_dir` against LiteRT (with XNNPACK) on the same file, which makes its features itself
# (freeze --features_in_graph), so that both sides do all of the work in compiled code:
#
#     sh tests/bench/compare_label.sh DATA_DIR [ROUNDS [BUILD_DIR [MODEL...]]]
#
# DATA_DIR is a data set with yes and no. What counts is processor time, without that of the start. No verdict: ratios
# are printed, the reader judges. With WS_SPEED_LINES=FILE the figures are also appended to a file for `wordspot report`.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
data=$(CDPATH='' cd -- "$1" && pwd)
cd "$root"
rounds=${2:-3}
build=${3:-tmp/build/release}
shift "$(($# < 3 ? $# : 3))"
sh src/setup/venv.sh tmp/venv-peers ai-edge-litert onnxruntime numpy
python3 tests/bench/compare_label.py "$build" "$data" "$rounds" tmp/venv-peers/bin/python "$@"
