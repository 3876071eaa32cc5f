#!/bin/sh
# How long a training step of `conv` takes, against PyTorch (the newest of PyPI) in the same minutes:
#
#     sh tests/bench/compare.sh DATA_DIR WORDS [ROUNDS]
#     sh tests/bench/compare.sh tmp/synth_dataset yes,no,up,down,left,right,on,off,stop,go
#
# Needs a built tmp/build/release/wordspot. No verdict: it prints ratios, the reader judges.
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
venv=tmp/venv-torch
sh src/setup/venv.sh "$venv" torch numpy

sed -n 's/^model name[^:]*: /processor: /p' /proc/cpuinfo | sort | uniq -c
# A library type that is forced for other programs' sake would slow PyTorch's own BLAS.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
python3 tests/bench/compare.py tmp/build/release/wordspot "$data_dir" "$2" "${3:-3}" \
    "$venv/bin/python"
