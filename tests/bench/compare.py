#!/usr/bin/env python3
"""compare.py BUILD DATA_DIR WORDS ROUNDS TORCH_PYTHON TENSORFLOW_PYTHON [YARDSTICK]: training steps
of Wordspot against PyTorch, TensorFlow and, if given, a program that prints the time of a step.

In each round all run one after the other, so that a busy machine slows all of them; what counts is
the ratio within a round. A whole step of Wordspot is the mean over 400 steps of `wordspot train`,
by the times in its event file: reading, noise, features, network, update, report, four checkpoints
and one validation. Of today's networks, the network alone is timed."""
import json
import os
import pathlib
import re
import statistics
import struct
import subprocess
import sys
import tempfile

FIRST, N_STEPS = 50, 400  # the steps before are for clips read for the first time
# Our name and that of torch_networks.py.
NETWORKS = (("bc_resnet_1", "bc_resnet_1"), ("bc_resnet_2", "bc_resnet_2"),
            ("bc_resnet_3", "bc_resnet_3"), ("ds_cnn_s", "ds_cnn_s"),
            ("tc_resnet_8", "tc_resnet_8"), ("mixednet", "mixednet_2024"))
SMALL_MODELS = ("tiny_conv", "single_fc", "tiny_embedding_conv", "low_latency_conv",
                "low_latency_svdf")
# What keeps glibc from giving memory back to the system after each step.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "8589934592", "MALLOC_TRIM_THRESHOLD_": "17179869184",
               "MALLOC_TOP_PAD_": "1073741824"}


def output_of(command, **environment):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True, env={**os.environ, **environment}).stdout


def numbers_of(command, **environment):
    return [float(word) for word in output_of(command, **environment).split()]


def wall_times(folder):
    """Of the events with figures of a training step. Each is 8 bytes after the tag byte 0x09 that
    starts an event; figures are found by their tag's name."""
    for path in folder.glob("*/train/*tfevents*"):
        data, at = path.read_bytes(), 0
        while at < len(data):
            size = struct.unpack_from("<Q", data, at)[0]
            event = data[at + 12:at + 12 + size]
            if b"eval/accuracy" in event:
                yield struct.unpack_from("<d", event, 1)[0]
            at += 16 + size


def whole_step_ms(build, data_dir, words, model):
    with tempfile.TemporaryDirectory() as scratch:
        output_of([build / "wordspot", "train", f"--data_dir={data_dir}",
                   "--data_url=",
                   f"--wanted_words={words}", f"--model_architecture={model}",
                   f"--how_many_training_steps={FIRST + N_STEPS},0",
                   f"--train_dir={scratch}/train", f"--summaries_dir={scratch}/logs"])
        times = list(wall_times(pathlib.Path(scratch, "logs")))
    return 1e3 * (times[FIRST + N_STEPS - 1] - times[FIRST - 1]) / N_STEPS


def network_ms(build):
    """The network's step, and its prediction of a batch."""
    printed = output_of([build / "tests/bench/bench_step", "conv", "2", "30"])
    return (float(re.search(r"^step +([\d.]+)", printed, re.M)[1]),
            float(re.search(r"prediction +([\d.]+)", printed)[1]))


def networks_ms(build, torch):
    """Steps of today's networks, ours and PyTorch's faster layout, which keeps its memory."""
    script = pathlib.Path(__file__).parent / "torch_networks.py"
    for ours, theirs in NETWORKS:
        line = output_of([build / "wordspot", "bench", f"--model_architecture={ours}", "--threads=2",
                          "--steps=15", "--json"])
        yield ours, json.loads(line)["network_ms"]
        yield "torch " + ours, min(numbers_of([torch, script, theirs], **KEEP_MEMORY))


def run_round(options):
    build, data_dir, words, torch, tensorflow, yardstick = options
    bench = pathlib.Path(__file__).parent
    ms = {}
    if yardstick:
        ms["yardstick"] = float(re.search(r"median ([\d.]+)", output_of([yardstick]))[1])
    ms["network"], ms["prediction"] = network_ms(build)
    ms["conv"] = whole_step_ms(build, data_dir, words, "conv")
    ms["torch"], = numbers_of([torch, bench / "torch_conv.py"])
    ms["torch tuned"], = numbers_of([torch, bench / "torch_conv.py", 2, 7, 0], **KEEP_MEMORY)
    ms.update(networks_ms(build, torch))
    for model in ("conv",) + SMALL_MODELS:
        ms["tensorflow " + model], ms["tensorflow network " + model] = numbers_of(
            [tensorflow, bench / "tensorflow_step.py", model, data_dir, words])
        if model != "conv":
            ms[model] = whole_step_ms(build, data_dir, words, model)
    return ms


def ratios_to_print(has_yardstick):
    """(what, numerator, denominator)"""
    yield "PyTorch / conv, network alone", "torch", "network"
    yield "PyTorch without dropout, keeping its memory / conv, network alone", "torch tuned", "network"
    for model, _ in NETWORKS:
        yield f"PyTorch keeping its memory, the faster layout / {model}, network alone", (
            "torch " + model), model
    for model in ("conv",) + SMALL_MODELS:
        yield f"TensorFlow, whole step / {model}, whole step", "tensorflow " + model, model
    if has_yardstick:
        yield "conv, network alone / yardstick", "network", "yardstick"
        yield "conv, whole step / yardstick", "conv", "yardstick"
        yield "conv, prediction of 100 clips / yardstick", "prediction", "yardstick"
        for model in SMALL_MODELS:
            yield f"{model}, whole step / yardstick", model, "yardstick"
        yield "TensorFlow conv, whole step / yardstick", "tensorflow conv", "yardstick"


def main():
    build, data_dir, words, rounds, torch, tensorflow = sys.argv[1:7]
    yardstick = sys.argv[7] if len(sys.argv) > 7 else None
    options = (pathlib.Path(build), data_dir, words, torch, tensorflow, yardstick)
    seen = []
    for number in range(1, int(rounds) + 1):
        seen.append(run_round(options))
        print(f"round {number}, milliseconds: "
              + ", ".join(f"{name} {ms:.1f}" for name, ms in seen[-1].items()), flush=True)
    print("\nmedian ms")
    for name in seen[0]:
        print(f"{statistics.median(ms[name] for ms in seen):9.1f}  {name}")
    print("\nmedian ratio (least to most)")
    for what, above, below in ratios_to_print(yardstick is not None):
        ratios = sorted(ms[above] / ms[below] for ms in seen)
        print(f"{statistics.median(ratios):6.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})  {what}")


main()
