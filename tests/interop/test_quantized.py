#!/usr/bin/env python3
"""test_quantized.py RUNS PROGRAM: a run with --quantize and --optimizer=momentum, and TensorFlow.

TensorFlow builds the same network with its own FakeQuant operators and its own momentum, takes all
of it up from Wordspot's checkpoint by name (weights, ranges, slots), and has to find the loss and
accuracy on the test clips that wordspot logged."""
import pathlib
import sys
import tempfile

import test_checkpoint as common
from test_checkpoint import expect, expect_close, np, tf, v1

MFCC_RANGE = (-247.0, 30.0)


def fake_quant(kind, value):
    """Reads the range that is stored under contrib's name."""
    with v1.variable_scope(None, default_name=kind):
        low, high = (v1.get_variable(end, [], trainable=False) for end in ("min", "max"))
    return tf.quantization.fake_quant_with_min_max_vars(
        value, low, high, narrow_range=kind == "weights_quant")


def tiny_conv(fingerprints):
    weights = {name: v1.get_variable(name, shape) for name, shape in common.SHAPES.items()}
    image = tf.quantization.fake_quant_with_min_max_args(fingerprints, *MFCC_RANGE)
    image = tf.reshape(image, [-1, 98, 40, 1])
    kernel = fake_quant("weights_quant", weights["first_weights"])
    hidden = tf.nn.conv2d(image, kernel, [1, 2, 2, 1], "SAME")
    hidden = fake_quant("act_quant", tf.nn.relu(hidden + weights["first_bias"]))
    flat = tf.reshape(hidden, [-1, common.SHAPES["final_fc_weights"][0]])
    matrix = fake_quant("weights_quant", weights["final_fc_weights"])
    return fake_quant("act_quant", tf.matmul(flat, matrix) + weights["final_fc_bias"])


def tensorflow_test(prefix, clips):
    features, labels = clips
    with v1.Graph().as_default(), v1.Session() as session:
        found = common.loss_and_accuracy(tiny_conv(tf.constant(features)), labels)
        momentum = v1.train.MomentumOptimizer(0.001, 0.9, use_nesterov=True)
        momentum.minimize(found[0])
        v1.train.Saver().restore(session, prefix)
        slots = [momentum.get_slot(v, "momentum") for v in v1.trainable_variables()]
        expect("slots", [slot.op.name for slot in slots],
               [v.op.name + "/Momentum" for v in v1.trainable_variables()])
        for values in session.run(slots):
            expect("a slot is finite and not zero", np.isfinite(values).all() and values.any(), True)
        return session.run(found)


def main():
    runs, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    clips = common.test_clips(runs / "data")
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        steps, ours = common.wordspot_test(program, runs / "data", scratch, "--quantize=1",
                                           "--optimizer=momentum")
        expect("steps", steps, 10)
        theirs = tensorflow_test(str(scratch / "train" / "tiny_conv.ckpt-10"), clips)
    expect("clips", ours[2], len(clips[1]))
    # features differ in the last digits, and some go to the other of two levels
    expect_close("cross entropy", ours[0], float(theirs[0]), 2e-3)
    expect_close("accuracy", ours[1], float(theirs[1]), 0.05)
    print(f"quantised network and momentum: cross entropy {ours[0]:.6f}, TensorFlow "
          f"{float(theirs[0]):.6f} on {len(clips[1])} clips")


if __name__ == "__main__":
    main()
