#!/usr/bin/env python3
"""Checkpoints between Wordspot and the real TensorFlow, in both directions.

test_bundle.py DIR TOOL: DIR is made from scratch for the files, TOOL the program
checkpoint_tool. Needs Python with tensorflow; exit code 77 (skipped) without it."""
import filecmp
import pathlib
import shutil
import subprocess
import sys

import needs

needs.packages("numpy", "tensorflow")

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, expected {want!r}")


def weights_of(step):
    """As in checkpoint_tool.c."""
    return (np.float32(step) + np.arange(35, dtype=np.float32).reshape(5, 7)) / np.float32(16)


def check_values(prefix, step, extra=()):
    """What TensorFlow's reader says of a checkpoint of ours, whose CRCs it checks on the way."""
    variables = [("first_time_flag", []), ("first_weights", [5, 7]),
                 ("first_weights/Momentum", [0]), ("global_step", []),
                 *extra, ("wordspot/settings", [])]
    expect("list_variables", [(n, list(s)) for n, s in tf.train.list_variables(prefix)], variables)
    reader = tf.train.load_checkpoint(prefix)
    types = reader.get_variable_to_dtype_map()
    expect("types", [types[n].name for n, _ in variables if "wordspot" not in n],
           ["int32", "float32", "float32", "int64"])
    weights = reader.get_tensor("first_weights")
    expect("first_weights", weights.tobytes(), weights_of(step).tobytes())
    expect("global_step", int(reader.get_tensor("global_step")), step)
    expect("first_time_flag", int(reader.get_tensor("first_time_flag")), -1)
    expect("settings", reader.get_tensor("wordspot/settings"),
           f'{{"step": {step}, "words": "café"}}'.encode())


def check_restore(prefix, step):
    """Saver.restore, as the original's freeze.py and train.py use it."""
    with v1.Graph().as_default(), v1.Session() as session:
        weights = v1.get_variable("first_weights", [5, 7])
        global_step = v1.get_variable("global_step", [], tf.int64)
        v1.train.Saver(v1.global_variables()).restore(session, prefix)
        expect("restored weights", session.run(weights).tobytes(), weights_of(step).tobytes())
        expect("restored step", int(session.run(global_step)), step)


def check_our_run(directory, tool):
    """A directory as a run of ours leaves it: the last five, and the best one."""
    run = directory / "ours"
    subprocess.run([tool, "write", run], check=True)
    expect("latest", tf.train.latest_checkpoint(run), str(run / "conv.ckpt-700"))
    state = tf.train.get_checkpoint_state(run)
    expect("kept", list(state.all_model_checkpoint_paths),
           [str(run / f"conv.ckpt-{step}") for step in range(300, 800, 100)])
    expect("best", tf.train.latest_checkpoint(run / "best"), str(run / "best" / "conv.ckpt-300"))
    for step in range(300, 800, 100):
        check_values(str(run / f"conv.ckpt-{step}"), step)
    check_values(str(run / "best" / "conv.ckpt-300"), 300, [("wordspot/best_score", [])])
    reader = tf.train.load_checkpoint(str(run / "best"))
    expect("score", float(reader.get_tensor("wordspot/best_score")), 0.75)
    check_restore(str(run / "conv.ckpt-700"), 700)


def check_copied(directory, tool, name, values):
    """TensorFlow writes the values; read and written again by us, both files are the same."""
    theirs, ours = directory / f"{name}.tensorflow", directory / f"{name}.copy"
    names = sorted(values)
    tf.raw_ops.SaveV2(prefix=str(theirs), tensor_names=names, shape_and_slices=[""] * len(names),
                      tensors=[tf.constant(values[n]) for n in names])
    subprocess.run([tool, "copy", theirs, ours], check=True)
    for suffix in (".index", ".data-00000-of-00001"):
        expect(f"{name}{suffix} written again",
               filecmp.cmp(f"{theirs}{suffix}", f"{ours}{suffix}", shallow=False), True)


def check_their_files(directory, tool):
    rng = np.random.default_rng(1)
    check_copied(directory, tool, "mixed", {
        "final_fc_weights": rng.normal(size=(300, 12)).astype(np.float32),
        "empty": np.zeros((0, 3), np.float32),
        "global_step": np.int64(2**40),
        "first_time_flag": np.int32(-1),
        "wordspot/settings": "words=é\n".encode() * 3000,
        "wordspot/nothing": b"",
    })
    # an index of several blocks, with names that share long beginnings
    check_copied(directory, tool, "long_index", {
        f"{'x' * 400}/{i:05d}/{('y' if i % 2 else 'zz') * 100}": np.float32(i)
        for i in range(1500)})


def main():
    directory, tool = pathlib.Path(sys.argv[1]), sys.argv[2]
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    check_our_run(directory, tool)
    check_their_files(directory, tool)
    print("checkpoints: TensorFlow reads ours and we write its files byte for byte")


if __name__ == "__main__":
    main()
