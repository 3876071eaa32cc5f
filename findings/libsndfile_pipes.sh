#!/bin/sh
# Through a pipe, libsndfile opens a CAF file, knows its length, and reads nothing of it.
#
# Versions: soundfile 0.14.0 with libsndfile 1.2.2, numpy 2.4.6.
#
# The same second of sound (16,000 samples, 16 bits) in several containers, read from standard
# input once as a file and once as a pipe. AU and AIFF are right both ways. CAF by pipe opens
# without an error, says 16,000 frames, and reading gives none, without an error. RF64 by pipe loses
# four samples, without an error. OGG by pipe is read whole, but says it has 2^63-1 frames, so a
# program that allocates by that number fails. So the number of frames says nothing about a pipe,
# and a short read is no error: a reader has to count what it gets.
#
# Output seen (frames as the header says, frames read):
#     AU    file 16000 16000, pipe 16000 16000
#     AIFF  file 16000 16000, pipe 16000 16000
#     CAF   file 16000 16000, pipe 16000 0
#     RF64  file 16000 16000, pipe 16000 15996
#     OGG   file 16000 16000, pipe 9223372036854775807 16000
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$scratch"
"$scratch/bin/pip" install -qq soundfile==0.14.0 numpy==2.4.6
cat >"$scratch/read.py" <<'PY'
import soundfile

with soundfile.SoundFile(0, closefd=False) as sound:
    print(sound.frames, len(sound.read(20000)))
PY
"$scratch/bin/python" - "$scratch" <<'PY'
import sys

import numpy
import soundfile

noise = 0.1 * numpy.random.default_rng(0).standard_normal(16000)
for container in "AU", "AIFF", "CAF", "RF64", "OGG":
    soundfile.write(f"{sys.argv[1]}/sound.{container}", noise, 16000, format=container,
                    subtype="VORBIS" if container == "OGG" else "PCM_16")
PY
for container in AU AIFF CAF RF64 OGG; do
    sound=$scratch/sound.$container
    from_file=$("$scratch/bin/python" "$scratch/read.py" <"$sound")
    # shellcheck disable=SC2002 # a pipe is what this is about
    from_pipe=$(cat "$sound" | "$scratch/bin/python" "$scratch/read.py")
    printf '%-5s file %s, pipe %s\n' "$container" "$from_file" "$from_pipe"
done | tee "$scratch/output"
cat >"$scratch/expected" <<'TEXT'
AU    file 16000 16000, pipe 16000 16000
AIFF  file 16000 16000, pipe 16000 16000
CAF   file 16000 16000, pipe 16000 0
RF64  file 16000 16000, pipe 16000 15996
OGG   file 16000 16000, pipe 9223372036854775807 16000
TEXT
cmp -s "$scratch/output" "$scratch/expected" || {
    echo "The behaviour has changed."
    exit 1
}
