#!/usr/bin/env python3
"""test_svdf.py RUNS PROGRAM: low_latency_svdf between Wordspot and the real TensorFlow.

The original's checkpoints of this model have two variables that are not trained. TensorFlow's
Saver asks for all variables of a graph, so it restores ours only if they are there, with their
types; and Wordspot takes up a checkpoint of TensorFlow's in which they are. Both ways the network,
written here as the original does it, filter by filter, has to give the loss and accuracy that
wordspot logs."""
import pathlib
import sys
import tempfile

from test_checkpoint import (N_LABELS, check_same_test, expect, loss_and_accuracy, np,
                             run_python, test_clips, tf, v1, wordspot_test)

N_TIMES, N_FREQUENCIES, N_FILTERS, N_UNITS, N_HIDDEN = 98, 40, 2560, 1280, 256
SHAPES = {
    "bias": [N_UNITS],
    "final_fc_bias": [N_LABELS],
    "final_fc_weights": [N_HIDDEN, N_LABELS],
    "first_fc_bias": [N_HIDDEN],
    "first_fc_weights": [N_UNITS, N_HIDDEN],
    "second_fc_bias": [N_HIDDEN],
    "second_fc_weights": [N_HIDDEN, N_HIDDEN],
    "weights_frequency": [N_FREQUENCIES, N_FILTERS],
    "weights_time": [N_FILTERS, N_TIMES],
}
MODEL = "--model_architecture=low_latency_svdf"


def svdf(fingerprints):
    """The logits, and the two variables of the stream's state, which training leaves alone."""
    weights = {name: v1.get_variable(name, shape) for name, shape in SHAPES.items()}
    state = [v1.get_variable("runtime-memory", [N_FILTERS, 1, N_TIMES], trainable=False,
                             initializer=v1.zeros_initializer()),
             v1.get_variable("first_time_flag", dtype=tf.int32, initializer=1, trainable=False)]
    filtered = tf.einsum("ntk,kf->nft", fingerprints, weights["weights_frequency"])
    filtered = tf.reduce_sum(filtered * weights["weights_time"], 2)
    units = tf.reduce_sum(tf.reshape(filtered, [-1, N_UNITS, 2]), 2)
    x = tf.nn.relu(units + weights["bias"])
    for layer in ("first_fc", "second_fc", "final_fc"):
        x = tf.matmul(x, weights[f"{layer}_weights"]) + weights[f"{layer}_bias"]
    return x, state


def tensorflow_test(prefix, clips):
    """Loss and accuracy of a checkpoint of Wordspot's, and the state that it holds."""
    features, labels = clips
    with v1.Graph().as_default(), v1.Session() as session:
        logits, state = svdf(tf.constant(features))
        found = loss_and_accuracy(logits, labels)
        v1.train.Saver().restore(session, prefix)
        memory, flag = session.run(state)
        expect("runtime-memory", (memory.dtype, np.any(memory)), (np.float32, False))
        expect("first_time_flag", (flag.dtype, int(flag)), (np.int32, 1))
        return session.run(found)


def tensorflow_save(prefix, clips, step):
    """A checkpoint of random weights, with the memory of a stream that has been heard."""
    features, labels = clips
    rng = np.random.default_rng(1)
    with v1.Graph().as_default(), v1.Session() as session:
        logits, (memory, _) = svdf(tf.constant(features))
        found = loss_and_accuracy(logits, labels)
        v1.get_variable("global_step", initializer=tf.constant(step, tf.int64), trainable=False)
        session.run(v1.global_variables_initializer())
        for variable in v1.trainable_variables():
            session.run(variable.assign(rng.normal(0, 0.02, variable.shape)))
        session.run(memory.assign(rng.normal(0, 1, memory.shape)))
        v1.train.Saver().save(session, prefix, global_step=step)
        return session.run(found)


def check_names(prefix):
    names = [line.split()[0] for line in run_python("read_bundle.py", prefix)]
    expect(prefix, names, sorted([*SHAPES, "runtime-memory", "first_time_flag", "global_step"]))


def main():
    data, program = pathlib.Path(sys.argv[1]) / "data", sys.argv[2]
    clips = test_clips(data)
    n_clips = len(clips[1])
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        _, ours = wordspot_test(program, data, scratch / "a", MODEL)
        saved = str(scratch / "a" / "train" / "low_latency_svdf.ckpt-10")
        check_names(saved)
        check_same_test("our weights", ours, tensorflow_test(saved, clips), n_clips)

        saved = str(scratch / "low_latency_svdf.ckpt")
        theirs = tensorflow_save(saved, clips, 77)
        n_steps, ours = wordspot_test(program, data, scratch / "b", MODEL,
                                      f"--start_checkpoint={saved}-77")
        expect("steps left at step 77 of 10", n_steps, 0)
        check_same_test("TensorFlow's weights", ours, theirs, n_clips)
    print(f"low_latency_svdf: restored and tested alike on {n_clips} clips")


if __name__ == "__main__":
    main()
