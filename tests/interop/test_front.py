#!/usr/bin/env python3
"""TFLite files that make features themselves: LiteRT's scores for samples have to be ours.

test_front.py RUNS WORDSPOT: RUNS has a data set. For mfcc and average features, in floats and in 8
bits; the file with the front end and the one without give the same scores when Wordspot runs them."""
import json
import pathlib
import sys
import tempfile
import wave

import needs
from programs import run

needs.packages("numpy", "ai_edge_litert")

import numpy as np
from ai_edge_litert import interpreter as litert

# mfcc in LiteRT's double precision and in ours differ in the last bits; a whole number may be off by one
TOLERANCE = {"float32": 1e-5, "int8": 1 / 256 + 1e-5}
KINDS = (["--preprocess=mfcc"], ["--preprocess=mfcc", "--feature_bin_count=13", "--window_size_ms=25"],
         ["--preprocess=average"])


def our_scores(wordspot, model, clips):
    return [json.loads(run(wordspot, "label_wav", f"--graph={model}", f"--wav={clip}", "--json"))["scores"]
            for clip in clips]


def their_scores(model, clips, labels):
    interpreter = litert.Interpreter(str(model))
    interpreter.allocate_tensors()
    given, wanted = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    if given["dtype"] != np.float32 or list(given["shape"]) != [16000, 1]:
        sys.exit(f"the input is {given}")
    scores = []
    for path in clips:
        with wave.open(str(path)) as clip:
            samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2") / np.float32(32768)
        samples = np.pad(samples, (0, max(0, 16000 - len(samples))))[:16000]
        interpreter.set_tensor(given["index"], samples.astype(np.float32).reshape(-1, 1))
        interpreter.invoke()
        scale, zero = wanted["quantization"]
        values = interpreter.get_tensor(wanted["index"]).reshape(-1)
        if wanted["dtype"] != np.float32:
            values = (values.astype(float) - zero) * scale
        scores.append(dict(zip(labels, values)))
    return scores


def check_close(what, theirs, ours, tolerance):
    worst = max(abs(theirs[i][label] - score) for i, scores in enumerate(ours)
                for label, score in scores.items())
    if worst > tolerance:
        sys.exit(f"{what}: scores differ by {worst}, expected at most {tolerance}")
    print(f"{what}: {worst:.2g}")


def main(runs, wordspot):
    clips = sorted((runs / "data/yes").glob("*.wav"))[:3] + sorted((runs / "data/no").glob("*.wav"))[:3]
    with tempfile.TemporaryDirectory() as folder:
        for number, flags in enumerate(KINDS):
            place = pathlib.Path(folder) / str(number)
            run(wordspot, "train", f"--data_dir={runs / 'data'}", "--wanted_words=yes,no",
                "--model_architecture=tiny_conv", *flags, "--batch_size=10",
                "--learning_rate=1e-6,1e-6" if "average" in flags[0] else "--learning_rate=0.001,0.001",
                "--how_many_training_steps=5,0", f"--train_dir={place}",
                f"--summaries_dir={place}_logs")
            labels = (place / "tiny_conv_labels.txt").read_text().split()
            for inside, tolerance in TOLERANCE.items():
                freeze = [wordspot, "freeze", f"--start_checkpoint={place}", "--save_format=tflite",
                          f"--inference_type={inside}", "--calibration_clips=20"]
                with_front, without = place / f"{inside}.tflite", place / "features.tflite"
                run(*freeze, f"--output_file={with_front}", "--features_in_graph")
                run(*freeze, f"--output_file={without}")
                ours = our_scores(wordspot, with_front, clips)
                check_close(f"{flags}, {inside}, LiteRT", their_scores(with_front, clips, labels), ours,
                            tolerance)
                if our_scores(wordspot, without, clips) != ours:
                    sys.exit(f"{flags}, {inside}: a file without the front end gives other scores")
                if len({tuple(s.items()) for s in ours}) < 2:
                    sys.exit(f"{flags}, {inside}: all clips have the same scores, which shows nothing")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
