#!/usr/bin/env python3
"""pymicro-wakeword hears recordings as `wordspot test --long` does.

test_wake_heard.py PROGRAM MAKE_DATASET: a wake word is trained for a moment on made-up sound, and frozen
for ESPHome with a cutoff. Each recording is then heard by both as a stream: the highest mean of
five scores is the same to a few levels of 256 (pymicro-wakeword rounds as its plain kernels do, and
quantises in single precision), and so is whether it is a detection, unless it is that near to the
cutoff."""
import json
import pathlib
import subprocess
import sys
import tempfile
import wave

import needs

needs.packages("numpy", "pymicro_wakeword")

import numpy as np
from pymicro_wakeword.microwakeword import MicroWakeWord, MicroWakeWordFeatures

NEAR = 0.03
N_LAST, RATE, PIECE = 5, 16000, 160
TAIL_SECONDS, LEAD_SECONDS = 1.0, 0.5  # as of a recording with the phrase


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=280)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr}")
    return done.stdout


def make_model(program, make_dataset, folder):
    run(make_dataset, folder / "data", "yes", "no")
    run(program, "train", "--preset=wake", "--wake_word=yes",
        f"--wake_word_clips={folder}/data/yes", f"--wake_word_speech={folder}/data/no",
        f"--noise_dir={folder}/data/_background_noise_", "--mixednet_first_filters=8",
        "--mixednet_kernels=[3],[5]", "--mixednet_filters=8,8", "--mixednet_residuals=0,0",
        "--clip_duration_ms=600", "--how_many_training_steps=30", "--batch_size=16",
        "--eval_step_interval=30", "--log=none", "--validation_percentage=0",
        f"--train_dir={folder}/train", f"--summaries_dir={folder}/logs")
    run(program, "freeze", f"--start_checkpoint={folder}/train", "--target=esphome",
        "--save_format=tflite", f"--output_file={folder}/yes.tflite", "--cutoff=0.5",
        "--calibration_clips=50")


def read(path):
    with wave.open(str(path)) as file:
        if file.getframerate() != RATE or file.getsampwidth() != 2:
            sys.exit(f"{path}: an unexpected format")
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def hear(word, samples, n_blind):
    """The highest mean of scores, without those of the first window."""
    front, scores = MicroWakeWordFeatures(), []
    detected, calls = False, 0
    for at in range(0, len(samples) - PIECE + 1, PIECE):
        for frame in front.process_streaming(samples[at:at + PIECE].tobytes()):
            mean = word.process_streaming_prob(frame)
            calls += 1
            if calls % 3 == 0:
                scores.append(mean)
                detected |= calls // 3 > n_blind + N_LAST and mean > word.probability_cutoff
    return max(scores[n_blind + N_LAST:]), detected


def main(program, make_dataset):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_model(program, make_dataset, folder)
        run(program, "test", f"--long={folder}/data/no", f"--phrases={folder}/data/yes",
            f"--graph={folder}/yes.tflite", f"--json={folder}/test.json")
        ours = [r for r in json.loads((folder / "test.json").read_text())["recordings"]
                if r["phrase"]]
        # a window of 600 ms is 58 frames: 19 calls before the first whole one
        n_blind = (58 - 1) // 3
        lead = np.zeros(n_blind * 3 * PIECE + int(LEAD_SECONDS * RATE), np.int16)
        tail = np.zeros(int(TAIL_SECONDS * RATE), np.int16)
        off = []
        for recording in ours[::3]:
            word = MicroWakeWord.from_config(folder / "yes.json")
            samples = np.concatenate([lead, read(recording["file"]), tail])
            best, detected = hear(word, samples, n_blind)
            off.append(abs(best - recording["best"]))
            is_near = abs(recording["best"] - word.probability_cutoff) < NEAR
            if detected != (recording["best"] > word.probability_cutoff) and not is_near:
                sys.exit(f"{recording}: heard {detected}, {best}")
        bests = [recording["best"] for recording in ours]
        if max(off) > NEAR or max(bests) - min(bests) < 0.01:
            sys.exit(f"off by {off}; ours are {bests}")
        print(f"{len(off)} recordings, at most {max(off):.4f} off")


main(*sys.argv[1:])
