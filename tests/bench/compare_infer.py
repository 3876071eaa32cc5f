#!/usr/bin/env python3
"""compare_infer.py BUILD ROUNDS PYTHON [MODEL...]: one clip on one thread, Wordspot's engine for
inference against LiteRT and ONNX Runtime on the files that it writes.

In each round all run one after the other, model by model, so that a busy machine slows all of them;
what counts is the ratio within a round, of the least times of 200 clips."""
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import speed_lines

N_CLIPS = 200
# what runs a file, the ending of its name, which of our times it goes with, and its package
PEERS = {"LiteRT": (".tflite", "floats", "ai-edge-litert"),
         "ONNX Runtime": (".onnx", "floats", "onnxruntime"),
         "LiteRT of 8 bits": (".int8.tflite", "8 bits", "ai-edge-litert")}


def output_of(command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True).stdout


def main():
    build, rounds, python = sys.argv[1:4]
    program = pathlib.Path(build, "tests/bench/bench_infer")
    peer = pathlib.Path(__file__).with_name("peer_clip.py")
    names = sys.argv[4:] or [line.split()[0]
                             for line in output_of([program, "all", 1]).splitlines()]
    seen = {name: [] for name in names}
    versions = {what: speed_lines.version_of(python, package)
                for what, (*_, package) in PEERS.items()}
    speed_lines.begin(build)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, int(rounds) + 1):
            for name in names:
                printed = output_of([program, name, N_CLIPS, "", folder])
                times = dict(zip(("floats", "8 bits"), map(float, re.findall(r"us \(([\d.]+)\)", printed))))
                for what, (suffix, *_) in PEERS.items():
                    times[what] = float(output_of([python, peer, N_CLIPS,
                                                   f"{folder}/{name}{suffix}"]).split()[-1])
                seen[name].append(times)
            print(f"round {number} of {rounds} done", flush=True)
    print("\nleast microseconds a clip, one thread; median ratio in a round (least to most)")
    for name, times in seen.items():
        line = f"{name:<20} {min(t['floats'] for t in times):9.1f}, of 8 bits {min(t['8 bits'] for t in times):9.1f}"
        for what, (_, own, _) in PEERS.items():
            ratios = [t[what] / t[own] for t in times]
            least = min(t[what] for t in times)
            line += (f"   {what} {least:9.1f}, {statistics.median(ratios):.2f} "
                     f"({min(ratios):.2f} to {max(ratios):.2f})")
            named = (what.removesuffix(" of 8 bits"), versions[what], "")
            speed_lines.push(f"a clip on one thread, {own}", name, "us",
                             min(t[own] for t in times), least, named, ratios)
        print(line)


main()
