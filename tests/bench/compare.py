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

import speed_lines

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
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"compare.py: {' '.join(words)}: {done.stderr.strip()[-2000:]}")
    return done.stdout


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


def comparisons():
    """(what, our network, the peer, how it is set up, its package, its time, ours)"""
    yield "network alone", "conv", "PyTorch", "", "torch", "torch", "network"
    yield ("network alone", "conv", "PyTorch", "without dropout, keeping its memory", "torch",
           "torch tuned", "network")
    for model, _ in NETWORKS:
        yield ("network alone", model, "PyTorch", "keeping its memory, the faster layout", "torch",
               "torch " + model, model)
    for model in ("conv",) + SMALL_MODELS:
        yield ("whole step", model, "TensorFlow", "", "tensorflow", "tensorflow " + model, model)


def yardstick_ratios():
    """(what, numerator)"""
    yield "conv, network alone", "network"
    yield "conv, whole step", "conv"
    yield "conv, prediction of 100 clips", "prediction"
    for model in SMALL_MODELS:
        yield f"{model}, whole step", model
    yield "TensorFlow conv, whole step", "tensorflow conv"


def print_ratios(what, ratios):
    print(f"{statistics.median(ratios):6.2f} ({min(ratios):.2f} to {max(ratios):.2f})  {what}")


def main():
    build, data_dir, words, rounds, torch, tensorflow = sys.argv[1:7]
    yardstick = sys.argv[7] if len(sys.argv) > 7 else None
    options = (pathlib.Path(build), data_dir, words, torch, tensorflow, yardstick)
    versions = {"torch": speed_lines.version_of(torch, "torch"),
                "tensorflow": speed_lines.version_of(tensorflow, "tensorflow")}
    seen = []
    speed_lines.begin(build)
    for number in range(1, int(rounds) + 1):
        seen.append(run_round(options))
        print(f"round {number}, milliseconds: "
              + ", ".join(f"{name} {ms:.1f}" for name, ms in seen[-1].items()), flush=True)
    medians = {name: statistics.median(ms[name] for ms in seen) for name in seen[0]}
    print("\nmedian ms")
    for name, ms in medians.items():
        print(f"{ms:9.1f}  {name}")
    print("\nmedian ratio (least to most)")
    for what, model, peer, note, package, above, below in comparisons():
        ratios = [ms[above] / ms[below] for ms in seen]
        print_ratios(f"{peer}{note and ' ' + note} / {model}, {what}", ratios)
        speed_lines.push(what, model, "ms", medians[below], medians[above],
                         (peer, versions[package], note), ratios)
    if yardstick:
        for what, name in yardstick_ratios():
            print_ratios(f"{what} / yardstick", [ms[name] / ms["yardstick"] for ms in seen])


main()
