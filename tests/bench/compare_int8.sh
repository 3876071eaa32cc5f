#!/bin/sh
# What 8 bits cost: the accuracy of a model of 8 bits beside that of the same one in floats, over the whole validation
# and test sets, for a model that is calibrated after training and for one that is trained with --quantize:
#
#     sh tests/bench/compare_int8.sh DATA_DIR WORDS [STEPS [BUILD_DIR [MODEL...]]]
#
# WORDS is as of --wanted_words. A model is trained twice, for STEPS steps (3000 unless given); with TRAININGS=N in the
# environment N times as often, by different seeds, and the clips of all are counted together: of 1,120 clips some flip
# either way by chance. No verdict: figures are printed, the reader judges.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
data=$(CDPATH='' cd -- "$1" && pwd)
words=$2
cd "$root"
steps=${3:-3000}
build=${4:-tmp/build/release}
shift "$(($# < 4 ? $# : 4))"
python3 tests/bench/compare_int8.py "$build" "$data" "$words" "$steps" "$@"
