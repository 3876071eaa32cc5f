#!/usr/bin/env python3
"""Writes fake_quant.npz: TensorFlow's figures for fake quantisation.

    python make_fake_quant.py fake_quant.npz       (TensorFlow 2.21)

1. The operator FakeQuantWithMinMaxVars and its gradient on some ranges.
2. Four training steps of a small network that is quantised as tf.contrib.quantize did it: weights narrow
   by their own range, activations by moving averages with TensorFlow's assign_moving_average, which
   also names the variables; the features by a fixed range.
"""
import sys

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.training import moving_averages

tf.disable_v2_behavior()
tf.disable_resource_variables()
rng = np.random.default_rng(11)
out = {}

RANGES = [(0, 6, 0), (-1.3, 2.7, 0), (-1.3, 2.7, 1), (-247, 30, 0), (0, 26, 0), (0, 127.5, 0),
          (-0.011, 0.0193, 1), (-3, 0, 0), (-0.5, 0.5, 1), (0, 0, 0)]


def operator():
    n = 300
    xs = np.zeros((len(RANGES), n), np.float32)
    ys, dxs = np.zeros_like(xs), np.zeros_like(xs)
    for i, (low, high, narrow) in enumerate(RANGES):
        xs[i] = rng.normal(size=n) * max(-low, high, 1) * 0.7
        xs[i, :4] = low, high, 0, np.float32(low + high) / 2
        x, dy = tf.constant(xs[i]), tf.ones(n)
        y = tf.quantization.fake_quant_with_min_max_vars(x, float(low), float(high),
                                                         narrow_range=bool(narrow))
        with tf.Session() as session:
            ys[i], dxs[i] = session.run([y, tf.gradients(y, x, grad_ys=dy)[0]])
    out.update({"ranges": np.array(RANGES, np.float64), "x": xs, "y": ys, "dx": dxs})


def variables(low, high):
    make = lambda name, value: tf.get_variable(
        name, shape=[], initializer=tf.constant_initializer(value), trainable=False)
    return make("min", low), make("max", high)


def quantize_weights(w):
    with tf.variable_scope(None, default_name="weights_quant"):
        low, high = variables(-6.0, 6.0)
        low = tf.assign(low, tf.minimum(tf.reduce_min(w), 0.0))
        high = tf.assign(high, tf.maximum(tf.reduce_max(w), 0.0))
        return tf.quantization.fake_quant_with_min_max_vars(w, low, high, narrow_range=True)


def quantize_activations(x):
    with tf.variable_scope(None, default_name="act_quant"):
        low, high = variables(0.0, 6.0)
        low = moving_averages.assign_moving_average(low, tf.minimum(tf.reduce_min(x), 0.0), 0.999)
        high = moving_averages.assign_moving_average(high, tf.maximum(tf.reduce_max(x), 0.0), 0.999)
        return tf.quantization.fake_quant_with_min_max_vars(x, low, high)


def network():
    n, h, w, labels, steps, rate = 6, 9, 6, 5, 4, 0.05
    shapes = {"first_weights": [4, 3, 1, 6], "first_bias": [6],
              "final_fc_weights": [5 * 3 * 6, labels], "final_fc_bias": [labels]}
    start = {k: (rng.normal(size=s) * 0.1).astype(np.float32) for k, s in shapes.items()}
    var = {k: tf.get_variable(k, initializer=start[k]) for k in shapes}
    features = tf.placeholder(tf.float32, [n, h * w])
    truth = tf.placeholder(tf.int64, [n])
    x = tf.quantization.fake_quant_with_min_max_args(features, 0.0, 26.0)
    x = tf.nn.conv2d(tf.reshape(x, [n, h, w, 1]), quantize_weights(var["first_weights"]), [1, 1, 1, 1], "SAME")
    x = quantize_activations(tf.nn.relu(x + var["first_bias"]))
    x = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    x = tf.matmul(tf.reshape(x, [n, -1]), quantize_weights(var["final_fc_weights"]))
    logits = quantize_activations(x + var["final_fc_bias"])
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=truth, logits=logits))
    names = list(shapes)
    gradients = tf.gradients(loss, [var[k] for k in names])
    # the update is a run of its own: no variable moves while the ranges are found
    held = {k: tf.placeholder(tf.float32, shapes[k]) for k in names}
    update = [tf.assign_sub(var[k], rate * held[k]) for k in names]
    batches = (rng.normal(size=(steps, n, h * w)) * 6 + 5).astype(np.float32)
    classes = rng.integers(0, labels, size=(steps, n)).astype(np.int64)
    losses, all_logits = [], []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for step in range(steps):
            got = session.run([loss, logits] + gradients,
                              {features: batches[step], truth: classes[step]})
            losses.append(got[0])
            all_logits.append(got[1])
            session.run(update, {held[k]: g for k, g in zip(names, got[2:])})
            if step == 0:
                out.update({"gradient/" + k: g for k, g in zip(names, got[2:])})
        for v in tf.global_variables():
            out["after/" + v.op.name] = session.run(v)
    out.update({"start/" + k: v for k, v in start.items()})
    out.update({"features": batches, "labels": classes, "losses": np.array(losses, np.float32),
                "logits": np.array(all_logits, np.float32), "rate": np.array([rate])})


operator()
network()
np.savez_compressed(sys.argv[1], **out)
for key in sorted(out):
    print(key, out[key].shape, out[key].dtype)
