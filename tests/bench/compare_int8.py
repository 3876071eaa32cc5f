#!/usr/bin/env python3
"""compare_int8.py BUILD DATA_DIR WORDS STEPS [MODEL...]: see compare_int8.sh."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# the features that each was made for
MODELS = {
    "single_fc": [],
    "conv": [],
    "low_latency_conv": [],
    "low_latency_svdf": [],
    "tiny_conv": ["--preprocess=micro", "--window_stride_ms=20"],
    "tiny_embedding_conv": ["--preprocess=micro", "--window_stride_ms=20"],
    **{f"bc_resnet_{size}": ["--preprocess=log_mel"] for size in ("1", "1.5", "2", "3", "6", "8")},
    **{f"ds_cnn_{size}": ["--window_size_ms=40", "--window_stride_ms=20", "--feature_bin_count=10"]
       for size in "sml"},
    **{name: [] for name in ("tc_resnet_8", "tc_resnet_8_1.5", "tc_resnet_14", "tc_resnet_14_1.5", "ds_tc_resnet")},
    "mixednet": ["--preprocess=micro_device", "--clip_duration_ms=2060"],
}


def output_of(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def count_right(wordspot, data, *model):
    """How many clips of both sets that are not trained with, and how many of them are right."""
    said = [json.loads(output_of(wordspot, "test", *model, f"--data_dir={data}", f"--set={name}", "--json"))
            for name in ("validation", "testing")]
    return (sum(one["n_clips"] for one in said),
            sum(round(one["accuracy"] * one["n_clips"]) for one in said))


def train(wordspot, folder, name, data, words, steps, flags):
    place = folder / name
    output_of(wordspot, "train", f"--data_dir={data}", f"--wanted_words={words}", *flags, "--optimizer=adam",
              "--schedule=cosine", "--learning_rate=0.001", f"--how_many_training_steps={steps}",
              f"--eval_step_interval={steps}", f"--train_dir={place}", f"--summaries_dir={place}_logs")
    return place


def main():
    build, data, words, steps = sys.argv[1:5]
    wordspot, trainings = pathlib.Path(build, "wordspot"), int(os.environ.get("TRAININGS", "1"))
    print(f"{'model':<20} {'clips':>6} {'floats':>8} {'8 bits':>8} {'points':>7} {'quantize':>9} {'8 bits':>8} {'points':>7}")
    for model in sys.argv[5:] or MODELS:
        with tempfile.TemporaryDirectory() as name:
            folder, line = pathlib.Path(name), f"{model:<20}"
            for flags in ([], ["--quantize"]):
                n = real = whole = 0
                for seed in range(1, trainings + 1):
                    place = train(wordspot, folder, f"trained{len(flags)}_{seed}", data, words, steps,
                                  [f"--model_architecture={model}", f"--seed={seed}", *MODELS[model], *flags])
                    file = place.with_suffix(".tflite")
                    output_of(wordspot, "freeze", f"--start_checkpoint={place}", "--save_format=tflite",
                              "--inference_type=int8", f"--output_file={file}")
                    n_own, real_own = count_right(wordspot, data, f"--start_checkpoint={place}")
                    n, real = n + n_own, real + real_own
                    whole += count_right(wordspot, data, f"--graph={file}")[1]
                line += f" {n:6}" if not flags else ""
                line += f" {100 * real / n:7.2f}% {100 * whole / n:7.2f}% {100 * (whole - real) / n:+7.2f}"
            print(line, flush=True)


main()
