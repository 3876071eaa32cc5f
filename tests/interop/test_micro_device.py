#!/usr/bin/env python3
"""The features micro_device against pymicro-features, the front end that ESPHome compiles.

test_micro_device.py WORDSPOT SHARED: clips are noise, a loud tone and, where the folder SHARED has
them, spoken words. All numbers have to be equal, for 10 ms from one frame to the next, which is all
that the package does."""
import pathlib
import re
import sys
import tempfile
import wave

import needs
from programs import run

needs.packages("numpy", "pymicro_features")

import numpy as np
from pymicro_features import MicroFrontend

WORDS, N_OF_EACH = ("yes", "marvin", "up", "seven"), 5


def noise_clips():
    random = np.random.default_rng(5)
    for loudness in (3, 40, 1000, 32767):
        yield random.integers(-loudness, loudness + 1, 16000).astype("<i2")
    burst = random.normal(0, 3000, 16000) * (np.arange(16000) % 4000 < 900)
    yield np.clip(burst, -32768, 32767).astype("<i2")
    yield np.rint(32767 * np.sin(2 * np.pi * 1000 / 16000 * np.arange(16000))).astype("<i2")


def spoken_clips(shared):
    for word in WORDS:
        for path in sorted((shared / "data" / "speech_commands" / word).glob("*.wav"))[:N_OF_EACH]:
            with wave.open(str(path)) as clip:
                samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2")
            yield np.pad(samples, (0, max(0, 16000 - len(samples))))[:16000]


def device_features(samples):
    front_end, rows = MicroFrontend(), []
    for at in range(0, len(samples), 160):
        row = front_end.process_samples(samples[at:at + 160].tobytes()).features
        if row:
            rows.append(row)
    return np.rint(np.array(rows) * 25.6).astype(int)


def our_features(wordspot, samples, folder, kind):
    wav, source = folder / "clip.wav", folder / "clip.c"
    with wave.open(str(wav), "wb") as clip:
        clip.setparams((1, 2, 16000, 0, "NONE", ""))
        clip.writeframes(samples.astype("<i2").tobytes())
    run(wordspot, "wav_to_features", f"--input_wav={wav}", f"--output_c_file={source}",
        f"--preprocess={kind}")
    numbers = re.findall(r"[-.\d]+(?=,)", source.read_text().split("{")[1])
    return np.rint(np.array(numbers, float) * 25.6).astype(int).reshape(-1, 40)


def main(wordspot, shared):
    clips = [*noise_clips(), *spoken_clips(shared)]
    n_of_operator = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, samples in enumerate(clips):
            want = device_features(samples)
            got = our_features(wordspot, samples, pathlib.Path(folder), "micro_device")
            if not np.array_equal(got, want):
                sys.exit(f"clip {i}: {np.sum(got != want)} of {want.size} features differ")
            n_of_operator += np.sum(
                our_features(wordspot, samples, pathlib.Path(folder), "micro") != want)
    if n_of_operator == 0:
        sys.exit("micro gives the same, so this shows nothing")
    print(f"{len(clips)} clips: equal; {n_of_operator} of {len(clips) * 3920} features of micro differ")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
