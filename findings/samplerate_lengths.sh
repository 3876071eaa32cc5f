#!/bin/sh
# One second resampled by libsamplerate is a sample short with two of its five converters.
#
# Versions: samplerate 0.2.4 (with its own libsamplerate), numpy 2.4.6.
#
# 44,100 samples at 44.1 kHz, converted to 16 kHz, should be 16,000 samples. The best sinc converter
# gives those, and so do zero-order hold and linear interpolation, which are the cheap ones; the
# medium and the fastest sinc converter give 15,999. From 22.05 kHz only the fastest one is short,
# from 48 and 8 kHz none is. So the number of samples of a clip cannot be computed from the ratio,
# and a program that copies `n * ratio` samples reads one that was never written.
#
# Output seen:
#     from           sinc_best sinc_medium sinc_fastest zero_order_hold linear
#     44100              16000       15999        15999           16000  16000
#     22050              16000       16000        15999           16000  16000
#     48000              16000       16000        16000           16000  16000
#     8000               16000       16000        16000           16000  16000
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq samplerate==0.2.4 numpy==2.4.6
"$scratch/bin/python" - <<'PY'
import numpy
import samplerate

CONVERTERS = ["sinc_best", "sinc_medium", "sinc_fastest", "zero_order_hold", "linear"]
SHORT = {(44100, "sinc_medium"), (44100, "sinc_fastest"), (22050, "sinc_fastest")}

is_same = True
print("from          ", *CONVERTERS)
for rate in 44100, 22050, 48000, 8000:
    second = numpy.sin(0.1 * numpy.arange(rate)).astype(numpy.float32)
    n = {c: len(samplerate.resample(second, 16000 / rate, c)) for c in CONVERTERS}
    print(f"{rate:<14}", *(f"{n[c]:{len(c)}}" for c in CONVERTERS))
    is_same &= all(n[c] == 16000 - ((rate, c) in SHORT) for c in CONVERTERS)
if not is_same:
    raise SystemExit("The behaviour has changed.")
PY
