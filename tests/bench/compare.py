#!/usr/bin/env python3
"""compare.py WORDSPOT DATA_DIR WORDS ROUNDS TORCH_PYTHON: whole training steps of `wordspot train`
against PyTorch's step of the network alone.

In each round both run one after the other, so that a busy machine slows both; what counts is the
ratio of a round. A step of Wordspot is all that happens from one step's figures in the event file to
the next one's: reading, noise, features, network, update, report."""
import pathlib
import re
import statistics
import struct
import subprocess
import sys
import tempfile

N_STEPS = 40
N_WARM = 5  # while clips are still being read for the first time, and threads start


def wall_times(folder):
    """Of the events with figures of a step. Each is 8 bytes behind the tag byte 0x09 that starts an
    event; figures are found by their tag's name."""
    for path in folder.rglob("*tfevents*"):
        if path.parent.name != "train":
            continue
        data, at = path.read_bytes(), 0
        while at < len(data):
            size = struct.unpack_from("<Q", data, at)[0]
            event = data[at + 12:at + 12 + size]
            if b"eval/accuracy" in event:
                yield struct.unpack_from("<d", event, 1)[0]
            at += 16 + size


def wordspot_step_ms(program, data_dir, words):
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([program, "train", f"--data_dir={data_dir}", f"--wanted_words={words}",
                        f"--how_many_training_steps={N_STEPS},0", "--eval_step_interval=1000000",
                        "--save_step_interval=1000000", f"--train_dir={scratch}/train",
                        f"--summaries_dir={scratch}/logs"],
                       check=True, stderr=subprocess.DEVNULL)
        times = list(wall_times(pathlib.Path(scratch, "logs")))
    steps = [after - before for before, after in zip(times, times[1:])]
    return 1e3 * statistics.median(steps[N_WARM:])


def torch_step_ms(python):
    script = pathlib.Path(__file__).with_name("torch_conv.py")
    printed = subprocess.run([python, script], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"[\d.]+", printed)[0])


def main():
    program, data_dir, words, rounds, python = sys.argv[1:]
    ratios = []
    print("round  PyTorch, network alone  wordspot, whole step  ratio")
    for number in range(1, int(rounds) + 1):
        torch_ms = torch_step_ms(python)
        wordspot_ms = wordspot_step_ms(program, data_dir, words)
        ratios.append(torch_ms / wordspot_ms)
        print(f"{number:5}  {torch_ms:19.0f} ms  {wordspot_ms:17.1f} ms  {ratios[-1]:5.2f}",
              flush=True)
    print(f"PyTorch takes {statistics.median(ratios):.2f} times as long "
          f"({min(ratios):.2f} to {max(ratios):.2f})")


main()
