#!/usr/bin/env python3
"""compare_label.py BUILD DATA_DIR ROUNDS PYTHON [MODEL...]: see compare_label.sh."""
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

import speed_lines

# models whose features LiteRT has operators for
MODELS = {"single_fc": [], "conv": [], "low_latency_conv": [], "tiny_conv": [], "tc_resnet_8": [],
          "ds_cnn_s": ["--window_size_ms=40", "--window_stride_ms=20", "--feature_bin_count=10"]}
N_FEW, N_MORE = 50, 450  # files: the difference of two runs is without the start


def output_of(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def make_model(wordspot, folder, name, data):
    """Two steps of training are enough: what the numbers are does not change the time."""
    place = folder / "trained"
    output_of(wordspot, "train", f"--data_dir={data}", "--wanted_words=yes,no", f"--model_architecture={name}",
              *MODELS[name], "--batch_size=10", "--how_many_training_steps=2", "--learning_rate=0.001",
              "--eval_step_interval=2", f"--train_dir={place}", f"--summaries_dir={place}_logs")
    file = folder / "model.tflite"
    output_of(wordspot, "freeze", f"--start_checkpoint={place}", "--save_format=tflite", "--inference_type=int8",
              "--features_in_graph", "--calibration_clips=50", f"--output_file={file}")
    return file


def copy_clips(data, folder):
    clips = sorted((data / "yes").glob("*.wav")) + sorted((data / "no").glob("*.wav"))
    for n in (N_FEW, N_MORE):
        to = folder / str(n)
        to.mkdir()
        for i in range(n):
            shutil.copyfile(clips[i % len(clips)], to / f"{i:04}.wav")


def our_run(wordspot, file, clips):
    """Seconds of processor time, and the best score of each file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = output_of(wordspot, "label_wav_dir", f"--graph={file}", f"--wav_dir={clips}", "--threads=1", "--json")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    scores = [max(said["scores"].values()) for said in map(json.loads, printed.splitlines())]
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, scores


def our_time(wordspot, file, folder):
    few, _ = our_run(wordspot, file, folder / str(N_FEW))
    more, scores = our_run(wordspot, file, folder / str(N_MORE))
    return (more - few) / (N_MORE - N_FEW), scores


def their_time(python, file, folder):
    peer = pathlib.Path(__file__).with_name("peer_label.py")
    said = json.loads(output_of(python, peer, file, folder / str(N_FEW), folder / str(N_MORE)))
    return said["seconds"] / (N_MORE - N_FEW), said["scores"]


def check_same(name, ours, theirs):
    """The best scores of all files: features may differ in the last bits, which is a few levels of 256."""
    worst = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    if worst > 8 / 256:
        sys.exit(f"{name}: the best scores of a file differ by {worst:.3f}, expected at most 8 levels of 256")


def main():
    build, data, rounds, python = sys.argv[1:5]
    wordspot, data = pathlib.Path(build, "wordspot"), pathlib.Path(data)
    version = speed_lines.version_of(python, "ai-edge-litert")
    speed_lines.begin(build)
    print("files a second of one core's time, features included; median ratio in a round (least to most)")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        copy_clips(data, folder)
        for model in sys.argv[5:] or MODELS:
            file = make_model(wordspot, folder, model, data)
            times = []
            for _ in range(int(rounds)):
                own, our_scores = our_time(wordspot, file, folder)
                peer, their_scores = their_time(python, file, folder)
                check_same(model, our_scores, their_scores)
                times.append((own, peer))
            ratios = [peer / own for own, peer in times]
            own, peer = (min(column) for column in zip(*times))
            print(f"{model:<20} {1 / own:8.0f}   LiteRT {1 / peer:8.0f}, {statistics.median(ratios):.2f} "
                  f"({min(ratios):.2f} to {max(ratios):.2f})", flush=True)
            speed_lines.push("a file labelled on one core, 8 bits, features included", model, "us", 1e6 * own,
                             1e6 * peer, ("LiteRT", version, ""), ratios)
            shutil.rmtree(folder / "trained")
            shutil.rmtree(folder / "trained_logs")


main()
