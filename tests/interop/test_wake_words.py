#!/usr/bin/env python3
"""The wake words that pymicro-wakeword brings, which others trained: what label_wav hears with them.

test_wake_words.py WORDSPOT SHARED: with --rounding=tflm, the highest score of a clip and its time have
to be those of TensorFlow Lite Micro on the features of pymicro-features, to the bit; clips are noise and,
where the folder SHARED has them, people who say "alexa" and who do not. `alexa` has to tell these apart."""
import json
import pathlib
import sys
import tempfile
import wave

import needs
from programs import run

needs.packages("numpy", "tflite_micro", "pymicro_features", "pymicro_wakeword")

import numpy as np
import pymicro_wakeword
from pymicro_features import MicroFrontend
from tflite_micro.python.tflite_micro import runtime as tflm

MODELS = pathlib.Path(pymicro_wakeword.__file__).parent / "models"
NAMES = ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")
SCALE = float(np.float32(26 / 255))  # of the input of all of them
CUTOFF = 0.9  # of alexa, by its manifest


def write_noise(folder):
    random = np.random.default_rng(11)
    for i, loudness in enumerate((30, 2000, 20000)):
        path = folder / f"noise_{i}.wav"
        n = 32000 + 123 * i
        samples = random.normal(0, loudness, n) * (0.3 + np.sin(np.arange(n) / 3000) ** 2)
        with wave.open(str(path), "wb") as clip:
            clip.setparams((1, 2, 16000, 0, "NONE", ""))
            clip.writeframes(np.clip(samples, -32768, 32767).astype("<i2").tobytes())
        yield path


def frames_of(path):
    with wave.open(str(path)) as clip:
        sound = clip.readframes(clip.getnframes())
    front_end, rows = MicroFrontend(), []
    for at in range(0, len(sound) - 319, 320):
        row = front_end.process_samples(sound[at:at + 320]).features
        if row:
            rows.append(row)
    return np.array(rows)


def tflm_peak(name, path):
    model = tflm.Interpreter.from_file(str(MODELS / f"{name}.tflite"), arena_size=1 << 20)
    n = model.get_input_details(0)["shape"][1]
    frames, best = frames_of(path), (-1, 0)
    for step in range(len(frames) // n):
        whole = np.rint(frames[step * n:(step + 1) * n] / SCALE) - 128
        model.set_input(np.clip(whole, -128, 127).astype(np.int8).reshape(1, n, 40), 0)
        model.invoke()
        score = int(np.array(model.get_output(0)).reshape(-1)[0])
        if score > best[0]:
            best = (score, step)
    return best[0] / 256, ((best[1] + 1) * n - 1) * 0.01 + 0.03


def our_peak(wordspot, name, path, *flags):
    said = json.loads(run(wordspot, "label_wav", f"--graph={MODELS / name}.tflite", f"--wav={path}",
                          "--json", *flags))
    return *said["scores"].values(), *said["times"].values()


def check_word(wordspot, shared):
    """Most of those who say it are heard, none of the others: we have no figure of the model's makers."""
    said = sorted((shared / "data/wake/test/alexa").glob("*.flac"))
    other = sorted((shared / "data/wake/test/jarvis").glob("*.flac")) + \
        sorted((shared / "data/wake/speech/test").rglob("*.flac"))
    if not said or not other:
        print("skipped: no recordings of wake words, so this part of the test")
        return
    heard = sum(our_peak(wordspot, "alexa", path)[0] > CUTOFF for path in said)
    wrong = sum(our_peak(wordspot, "alexa", path)[0] > CUTOFF for path in other)
    print(f"alexa: heard in {heard} of {len(said)} clips, and in {wrong} of {len(other)} others")
    if heard < 0.8 * len(said) or wrong > 2:
        sys.exit("expected at least 80 % of the clips, and at most 2 of the others")


def main(wordspot, shared):
    with tempfile.TemporaryDirectory() as folder:
        clips = list(write_noise(pathlib.Path(folder)))
        clips += sorted((shared / "data/speech_commands/marvin").glob("*.wav"))[:3]
        for name in NAMES:
            for path in clips:
                theirs, ours = tflm_peak(name, path), our_peak(wordspot, name, path, "--rounding=tflm")
                if theirs[0] != ours[0] or (theirs[0] > 0 and abs(theirs[1] - ours[1]) > 1e-4):
                    sys.exit(f"{name}, {path}: TFLM {theirs}, ours {ours}")
                print(f"{name}, {path.name}: {ours[0]:.5f} at {ours[1]:.2f} s")
        check_word(wordspot, shared)


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
