#!/bin/sh
# How long training steps take, against PyTorch and TensorFlow (the newest of PyPI) in the same
# minutes:
#
#     sh tests/bench/compare.sh DATA_DIR WORDS [ROUNDS [BUILD_DIR]]
#     sh tests/bench/compare.sh tmp/synth_dataset yes,no,up,down,left,right,on,off,stop,go
#
# Its figures also go to tmp/bench/compare.jsonl, or the file that WS_SPEED_LINES names:
#
#     wordspot report tmp/bench/compare.jsonl --output=speed.html
#     python3 tests/bench/speed_table.py tmp/build/release tmp/bench/compare.jsonl src/measure/README.md
#
# Then compare_infer.sh times inference against LiteRT and ONNX Runtime. A round takes about six
# minutes. Where ../shared/perf has its yardstick, a program that does one step of `conv`, it runs
# along. No verdict: ratios are printed, the reader judges.
set -eu

if [ $# -lt 2 ]; then
    echo "compare.sh: expected a data set's directory and a comma list of words" >&2
    exit 2
fi
case $1 in
/*) data_dir=$1 ;;
*) data_dir=$PWD/$1 ;;
esac
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
build=${4:-tmp/build/release}
sh src/setup/venv.sh tmp/venv-torch torch numpy
sh src/setup/venv.sh tmp/venv tensorflow

yardstick=
if [ -r ../shared/perf/fftstep.c ]; then
    yardstick=tmp/yardstick
    cc -O3 -march=native -fno-math-errno -ffp-contract=fast -pthread ../shared/perf/fftstep.c -lm \
        -o "$yardstick"
fi
WS_SPEED_LINES=${WS_SPEED_LINES:-tmp/bench/compare.jsonl}
export WS_SPEED_LINES
mkdir -p "$(dirname -- "$WS_SPEED_LINES")"
rm -f "$WS_SPEED_LINES"
sed -n 's/^model name[^:]*: /processor: /p' /proc/cpuinfo | sort | uniq -c
# A library type that is forced for other programs' sake would slow PyTorch's own BLAS.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
python3 tests/bench/compare.py "$build" "$data_dir" "$2" "${3:-3}" tmp/venv-torch/bin/python \
    tmp/venv/bin/python ${yardstick:+"$yardstick"}
sh tests/bench/compare_infer.sh "${3:-3}" "$build"
echo "figures: $WS_SPEED_LINES"
