#!/usr/bin/env python3
"""test_checkpoint.py RUNS PROGRAM: real runs of Wordspot and the real TensorFlow.

RUNS is what make_logs.sh made, PROGRAM is wordspot. TensorFlow reads the checkpoints of a run, and
takes the weights up in a network of its own, whose accuracy and loss on the test clips have to be
those that wordspot logged. The other way round, wordspot tests weights that TensorFlow saved."""
import hashlib
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zlib

import needs

needs.packages("numpy", "tensorflow")

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
SUPPORT = pathlib.Path(__file__).parent.parent / "support"
WORDS = ["yes", "no"]
N_LABELS = 2 + len(WORDS)
SHAPES = {
    "final_fc_bias": [N_LABELS],
    "final_fc_weights": [49 * 20 * 8, N_LABELS],
    "first_bias": [8],
    "first_weights": [10, 8, 1, 8],
}
# Test clips of the wanted words only, many of them: which these are depends on names alone.
TESTED = ["--silence_percentage=0", "--unknown_percentage=0", "--testing_percentage=60"]
TESTING_PERCENTAGE, VALIDATION_PERCENTAGE = 60, 10


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, expected {want!r}")


def expect_close(what, got, want, tolerance):
    if not math.isclose(got, want, rel_tol=tolerance):
        sys.exit(f"{what}: got {got!r}, expected {want!r} within {tolerance}")


def run_python(script, *arguments):
    return subprocess.run([sys.executable, SUPPORT / script, *arguments], check=True,
                          capture_output=True, text=True).stdout.splitlines()


# Wordspot's files read by TensorFlow


def check_reading(prefix, step, is_best):
    """Names, shapes, types and the bytes of the values of one checkpoint."""
    ours = {name for name, _ in tf.train.list_variables(prefix) if name.startswith("wordspot/")}
    expect(f"{prefix}: best score", "wordspot/best_score" in ours, is_best)
    reader = tf.train.load_checkpoint(prefix)
    shapes = reader.get_variable_to_shape_map()
    types = reader.get_variable_to_dtype_map()
    names = sorted(set(shapes) - ours)
    expect(f"{prefix}: variables", names, sorted([*SHAPES, "global_step"]))
    expect(f"{prefix}: global_step", int(reader.get_tensor("global_step")), step)
    expect(f"{prefix}: its type", types["global_step"], tf.int64)
    for name, shape in SHAPES.items():
        expect(f"{prefix}: {name}", (shapes[name], types[name]), (shape, tf.float32))
        values = reader.get_tensor(name)
        expect(f"{prefix}: {name} is finite and not all equal",
               (np.isfinite(values).all() and values.std() > 0), True)
    check_against_own_reader(prefix, {name: reader.get_tensor(name) for name in names})


def check_against_own_reader(prefix, values):
    checksums = {line.split()[0]: line.split()[-1] for line in run_python("read_bundle.py", prefix)}
    expect(f"{prefix}: checksums", checksums,
           {name: f"{zlib.crc32(value.tobytes()):08x}" for name, value in values.items()})


def check_run(run):
    """The directory of a run of 60 steps with a checkpoint each 20."""
    expect("latest", tf.train.latest_checkpoint(run), str(run / "tiny_conv.ckpt-60"))
    best = tf.train.latest_checkpoint(run / "best")
    expect("best", os.path.exists(f"{best}.index"), True)
    check_reading(best, int(best.rsplit("-", 1)[1]), True)
    kept = tf.train.get_checkpoint_state(run).all_model_checkpoint_paths
    expect("kept", list(kept), [str(run / f"tiny_conv.ckpt-{step}") for step in (20, 40, 60)])
    for step in (20, 40, 60):
        check_reading(str(run / f"tiny_conv.ckpt-{step}"), step, False)


# The same network in TensorFlow


def is_test_clip(path):
    """The split of the original: by a hash of the name before `_nohash_`."""
    n_most = 2 ** 27 - 1
    speaker = re.sub(r"_nohash_.*$", "", path.name)
    share = int(hashlib.sha1(speaker.encode()).hexdigest(), 16) % (n_most + 1) * (100 / n_most)
    return VALIDATION_PERCENTAGE <= share < VALIDATION_PERCENTAGE + TESTING_PERCENTAGE


def features_of(path):
    """[98, 40], by TensorFlow's own operations."""
    samples, rate = tf.audio.decode_wav(path.read_bytes(), desired_channels=1,
                                        desired_samples=16000)
    spectrogram = tf.raw_ops.AudioSpectrogram(input=samples, window_size=480, stride=160,
                                              magnitude_squared=True)
    return tf.raw_ops.Mfcc(spectrogram=spectrogram, sample_rate=rate,
                           dct_coefficient_count=40).numpy()[0]


def test_clips(data):
    """Features [n, 98, 40] and labels [n] of the test clips of the wanted words."""
    clips = [(path, 2 + label) for label, word in enumerate(WORDS)
             for path in sorted((data / word).glob("*.wav")) if is_test_clip(path)]
    return np.stack([features_of(path) for path, _ in clips]), [label for _, label in clips]


def tiny_conv(fingerprints):
    """The layers of the original's tiny_conv, without dropout, built by hand."""
    weights = {name: v1.get_variable(name, shape) for name, shape in SHAPES.items()}
    image = tf.reshape(fingerprints, [-1, 98, 40, 1])
    hidden = tf.nn.conv2d(image, weights["first_weights"], [1, 2, 2, 1], "SAME")
    hidden = tf.nn.relu(hidden + weights["first_bias"])
    flat = tf.reshape(hidden, [-1, SHAPES["final_fc_weights"][0]])
    return tf.matmul(flat, weights["final_fc_weights"]) + weights["final_fc_bias"]


def loss_and_accuracy(logits, labels):
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    right = tf.equal(tf.argmax(logits, 1), tf.constant(labels, tf.int64))
    return loss, tf.reduce_mean(tf.cast(right, tf.float32))


def tensorflow_test(prefix, clips):
    """Loss and accuracy of a checkpoint that a Saver takes up."""
    features, labels = clips
    with v1.Graph().as_default(), v1.Session() as session:
        found = loss_and_accuracy(tiny_conv(tf.constant(features)), labels)
        v1.train.Saver().restore(session, prefix)
        return session.run(found)


def tensorflow_save(prefix, clips, step):
    """A checkpoint of known weights: random ones, scaled to a loss that says something."""
    features, labels = clips
    with v1.Graph().as_default(), v1.Session() as session:
        v1.set_random_seed(1)
        found = loss_and_accuracy(tiny_conv(tf.constant(features)), labels)
        weights = v1.trainable_variables()
        rng = np.random.default_rng(1)
        for variable in weights:
            session.run(variable.assign(rng.normal(0, 0.02, variable.shape)))
        v1.get_variable("global_step", initializer=tf.constant(step, tf.int64))
        session.run(v1.get_collection(v1.GraphKeys.GLOBAL_VARIABLES)[-1].initializer)
        v1.train.Saver().save(session, prefix, global_step=step)
        return session.run(found)


# Wordspot on the same clips


def wordspot_test(program, data, scratch, *start):
    """Steps made, and loss, accuracy and number of clips of the test, of a run of ten steps."""
    logs = scratch / "logs"
    run = subprocess.run(
        [program, "train", f"--data_dir={data}", "--wanted_words=" + ",".join(WORDS), *TESTED,
         "--model_architecture=tiny_conv", "--batch_size=7", *start,
         "--how_many_training_steps=10,0", f"--summaries_dir={logs}", "--run_name=tested",
         f"--train_dir={scratch / 'train'}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    final = re.search(r"^Final test accuracy = [\d.]+% \(N=(\d+)\)", run.stdout, re.M)
    if run.returncode or not final:
        sys.exit(f"wordspot with {start}:\n{run.stdout}")
    values = dict(line.split()[::2] for line in run_python("read_events.py", logs / "tested/test")
                  if " PNG " not in line)
    loss, accuracy = (float.fromhex(values[f"eval/{n}"]) for n in ("cross_entropy", "accuracy"))
    return len(re.findall("^Step #", run.stdout, re.M)), (loss, accuracy, int(final[1]))


def check_same_test(what, ours, theirs, n_clips):
    expect(f"{what}: clips", ours[2], n_clips)
    expect_close(f"{what}: cross entropy", ours[0], float(theirs[0]), 1e-4)
    expect_close(f"{what}: accuracy", ours[1], float(theirs[1]), 1e-6)


def main():
    runs, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    check_run(runs / "plain")
    clips = test_clips(runs / "data")
    n_clips = len(clips[1])
    expect("enough test clips", n_clips > 20, True)
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        n_steps, ours = wordspot_test(program, runs / "data", scratch / "a")
        expect("steps of a new run", n_steps, 10)
        saved = str(scratch / "a" / "train" / "tiny_conv.ckpt-10")
        check_same_test("our weights", ours, tensorflow_test(saved, clips), n_clips)

        saved = str(scratch / "tiny_conv.ckpt")
        theirs = tensorflow_save(saved, clips, 77)
        n_steps, ours = wordspot_test(program, runs / "data", scratch / "b",
                                      f"--start_checkpoint={saved}-77")
        expect("steps left at step 77 of 10", n_steps, 0)
        check_same_test("TensorFlow's weights", ours, theirs, n_clips)
    print(f"checkpoints: read, restored and tested alike on {n_clips} clips")


if __name__ == "__main__":
    main()
