#!/usr/bin/env python3
"""tensorflow_step.py ARCHITECTURE DATA_DIR WORDS [STEPS]: whole training steps in TensorFlow, in the
manner of its speech_commands example: an interactive session, each clip of a batch fetched by a run
of its own that reads, decodes, shifts, adds noise and makes features, then one run that trains.
What else the example writes (pictures of every clip, summaries) is left out. Prints the median of
a whole step and of its network's part, in milliseconds."""
import os
import pathlib
import random
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf  # noqa: E402: the level must be set before

tf1 = tf.compat.v1
BATCH, RATE_HZ, N_FRAMES, WIDTH = 100, 16000, 98, 40
LARGEST_SHIFT = 1600  # samples


def weights(name, shape, deviation=0.01):
    return tf1.get_variable(name, shape,
                            initializer=tf1.truncated_normal_initializer(stddev=deviation))


def bias(name, n):
    return tf1.get_variable(name, [n], initializer=tf1.zeros_initializer())


class Layers:
    """The layers of the example, each with variables of its own."""

    def __init__(self):
        self.dropout_rate = tf1.placeholder(tf.float32, name="dropout_rate")
        self.n = 0

    def drop(self, x):
        return tf.nn.dropout(x, rate=self.dropout_rate)

    def conv(self, x, height, width, channels, stride=1, padding="SAME"):
        self.n += 1
        w = weights(f"w{self.n}", [height, width, x.shape[3], channels])
        x = tf.nn.conv2d(x, w, [1, stride, stride, 1], padding) + bias(f"b{self.n}", channels)
        return self.drop(tf.nn.relu(x))

    def dense(self, x, units, deviation=0.01):
        self.n += 1
        n_in = 1
        for size in x.shape[1:]:
            n_in *= size
        w = weights(f"w{self.n}", [n_in, units], deviation)
        return tf.matmul(tf.reshape(x, [-1, n_in]), w) + bias(f"b{self.n}", units)

    def svdf(self, x, units, rank):
        n_filters = units * rank
        frequency = weights("weights_frequency", [WIDTH, n_filters])
        in_time = weights("weights_time", [n_filters, N_FRAMES])
        frames = tf.reshape(x, [-1, N_FRAMES, WIDTH])
        activations = tf.einsum("ntk,kf->fnt", frames, frequency)
        per_filter = tf.squeeze(tf.matmul(activations, tf.expand_dims(in_time, 2)), 2)
        summed = tf.reduce_sum(tf.reshape(per_filter, [units, rank, -1]), 1)
        return self.drop(tf.nn.relu(tf.transpose(summed) + bias("bias", units)))


def single_fc(layers, x, n_labels):
    return layers.dense(x, n_labels, 0.001)


def conv(layers, x, n_labels):
    x = tf.nn.max_pool2d(layers.conv(x, 20, 8, 64), 2, 2, "SAME")
    return layers.dense(layers.conv(x, 10, 4, 64), n_labels)


def tiny_conv(layers, x, n_labels):
    return layers.dense(layers.conv(x, 10, 8, 8, 2), n_labels)


def tiny_embedding_conv(layers, x, n_labels):
    return layers.dense(layers.conv(layers.conv(x, 10, 8, 8, 2), 10, 8, 8, 8), n_labels)


def low_latency_conv(layers, x, n_labels):
    x = layers.conv(x, N_FRAMES, 8, 186, padding="VALID")
    x = layers.drop(layers.dense(x, 128))
    return layers.dense(layers.drop(layers.dense(x, 128)), n_labels)


def low_latency_svdf(layers, x, n_labels):
    x = layers.drop(layers.dense(layers.svdf(x, 1280, 2), 256))
    return layers.dense(layers.drop(layers.dense(x, 256)), n_labels)


MODELS = {model.__name__: model for model in (single_fc, conv, tiny_conv, tiny_embedding_conv,
                                              low_latency_conv, low_latency_svdf)}


class ClipGraph:
    """From one file to its fingerprint."""

    def __init__(self):
        self.path = tf1.placeholder(tf.string, [])
        self.gain = tf1.placeholder(tf.float32, [])
        self.padding = tf1.placeholder(tf.int32, [2, 2])
        self.offset = tf1.placeholder(tf.int32, [2])
        self.noise = tf1.placeholder(tf.float32, [RATE_HZ, 1])
        self.noise_gain = tf1.placeholder(tf.float32, [])
        clip = tf.audio.decode_wav(tf.io.read_file(self.path), 1, RATE_HZ).audio * self.gain
        clip = tf.slice(tf.pad(clip, self.padding), self.offset, [RATE_HZ, -1])
        mixed = tf.clip_by_value(self.noise * self.noise_gain + clip, -1.0, 1.0)
        spectrogram = tf.raw_ops.AudioSpectrogram(input=mixed, window_size=480, stride=160,
                                                  magnitude_squared=True)
        self.fingerprint = tf.raw_ops.Mfcc(spectrogram=spectrogram, sample_rate=RATE_HZ,
                                           dct_coefficient_count=WIDTH)

    def run(self, session, path, noise):
        shift = random.randrange(-LARGEST_SHIFT, LARGEST_SHIFT)
        before, after = max(shift, 0), max(-shift, 0)
        start = random.randrange(len(noise) - RATE_HZ)
        feed = {self.path: path, self.gain: 1.0, self.padding: [[before, after], [0, 0]],
                self.offset: [after, 0], self.noise: noise[start:start + RATE_HZ],
                self.noise_gain: random.uniform(0, 0.1)}
        return session.run(self.fingerprint, feed).flatten()


def read_noise(data_dir):
    path = sorted(pathlib.Path(data_dir, "_background_noise_").glob("*.wav"))[0]
    with tf1.Session() as session:
        return session.run(tf.audio.decode_wav(tf.io.read_file(str(path)), 1).audio)


def main():
    architecture, data_dir, words = sys.argv[1:4]
    n_steps = int(sys.argv[4]) if len(sys.argv) > 4 else 8
    tf1.disable_eager_execution()
    random.seed(1)
    clips = [(str(path), label) for label, word in enumerate(words.split(","), 2)
             for path in pathlib.Path(data_dir, word).glob("*.wav")]
    noise = read_noise(data_dir)
    n_labels = len(words.split(",")) + 2
    session = tf1.InteractiveSession()
    clip_graph = ClipGraph()
    features = tf1.placeholder(tf.float32, [None, N_FRAMES * WIDTH])
    labels = tf1.placeholder(tf.int64, [None])
    layers = Layers()
    logits = MODELS[architecture](layers, tf.reshape(features, [-1, N_FRAMES, WIDTH, 1]), n_labels)
    loss = tf1.losses.sparse_softmax_cross_entropy(labels, logits)
    train = tf1.train.GradientDescentOptimizer(0.001).minimize(loss)
    session.run(tf1.global_variables_initializer())
    whole, network = [], []
    for _ in range(n_steps + 2):  # two to warm up
        start = time.perf_counter()
        drawn = random.choices(clips, k=BATCH)
        batch = [clip_graph.run(session, path, noise) for path, _ in drawn]
        has_batch = time.perf_counter()
        session.run([loss, train], {features: batch, labels: [label for _, label in drawn],
                                    layers.dropout_rate: 0.5})
        end = time.perf_counter()
        whole.append(end - start)
        network.append(end - has_batch)
    print(*(f"{1e3 * statistics.median(times[2:]):.1f}" for times in (whole, network)))


main()
