#!/bin/sh
# How many scalars a second go into an event file: tbevents against the writers that one gets from
# PyPI, TensorBoard's own (PyTorch's too), tensorboardX and tf.summary, in the same minutes:
#
#     sh tests/bench/compare_events.sh [ROUNDS [BUILD_DIR]]
#
# A round takes about half a minute. No verdict: figures and ratios are printed, the reader judges.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
sh src/setup/venv.sh tmp/venv tensorflow tensorboard tensorboardX
sed -n 's/^model name[^:]*: /processor: /p' /proc/cpuinfo | sort | uniq -c
tmp/venv/bin/python tests/bench/compare_events.py "${2:-tmp/build/release}" "${1:-3}"
