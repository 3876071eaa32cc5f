#!/usr/bin/env python3
"""Frozen models between Wordspot and the real TensorFlow, in both directions.

test_freeze.py RUNS PROGRAM TOOL SHARED: RUNS is what make_logs.sh made, PROGRAM is wordspot, TOOL
the program frozen_tool; SHARED may be absent, then real speech and TensorFlow's own models are left
out. Both programs read the files of both; the scores have to agree to 1e-5."""
import json
import pathlib
import sys
import tempfile

import needs
from programs import run

needs.packages("numpy", "tensorflow")

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
# makes TensorFlow know the operator
import tensorflow.lite.experimental.microfrontend.python.ops.audio_microfrontend_op  # noqa: F401

v1 = tf.compat.v1
TOLERANCE = 1e-5
CLOSE_TOLERANCE = 1e-6  # of networks whose scores are even
DEVICE_TOLERANCE = 0.02  # TensorFlow makes the features of micro, where one in a thousand differs
N_LABELS = 5


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, expected {want!r}")


def expect_close(what, got, want, tolerance=TOLERANCE):
    got, want = np.asarray(got), np.asarray(want)
    expect(f"{what}: shape", got.shape, want.shape)
    worst = float(np.abs(got - want).max())
    if not worst <= tolerance:
        sys.exit(f"{what}: differs by {worst}, expected at most {tolerance}")


# How each of the two scores clips with a model file


def wordspot_scores(tool, model, clips):
    return np.array([[float(word) for word in line.split()]
                     for line in run(tool, "score", model, *clips).splitlines()])


def graph_scores(path, clips, output="labels_softmax:0"):
    """As TensorFlow's label_wav: the graph is imported and fed with the bytes of a file."""
    graph_def = v1.GraphDef.FromString(pathlib.Path(path).read_bytes())
    with v1.Graph().as_default(), v1.Session() as session:
        tf.import_graph_def(graph_def, name="")
        return np.concatenate([session.run(output, {"wav_data:0": pathlib.Path(clip).read_bytes()})
                               for clip in clips])


def samples_scores(path, clips):
    """As its streaming test: samples and their rate are fed in the middle."""
    graph_def = v1.GraphDef.FromString(pathlib.Path(path).read_bytes())
    n_samples = next(node.attr["desired_samples"].i for node in graph_def.node
                     if node.op == "DecodeWav")
    decoded = [tf.audio.decode_wav(pathlib.Path(clip).read_bytes(), 1, n_samples)
               for clip in clips]
    with v1.Graph().as_default(), v1.Session() as session:
        tf.import_graph_def(graph_def, name="")
        return np.concatenate([session.run("labels_softmax:0",
                                           {"decoded_sample_data:0": samples.numpy(),
                                            "decoded_sample_data:1": rate.numpy()})
                               for samples, rate in decoded])


def saved_model_scores(path, graph, clips):
    """Through both loaders. Its signature takes features: those that the same node of the frozen
    graph gives of the clips."""
    expect(f"{path}: is one", tf.saved_model.contains_saved_model(str(path)), True)
    with v1.Graph().as_default(), v1.Session() as session:
        meta = v1.saved_model.load(session, ["serve"], str(path))
        names = meta.signature_def["serving_default"]
        expect("method", names.method_name, "tensorflow/serving/predict")
        features = graph_scores(graph, clips, names.inputs["input"].name)
        older = [session.run(names.outputs["output"].name, {names.inputs["input"].name: row[None]})
                 for row in features]
    signature = tf.saved_model.load(str(path)).signatures["serving_default"]
    scores = [signature(input=tf.constant(row[None]))["output"].numpy() for row in features]
    expect_close(f"{path}: the older loader", older, scores, 1e-7)
    return np.concatenate(scores)


# Ours, read by TensorFlow


def check_ours(program, tool, scratch, flags, clips, tolerance=TOLERANCE):
    """Freezes in both formats; gives the scores that TensorFlow and Wordspot agree on."""
    graph, saved = scratch / "ours.pb", scratch / "ours"
    run(program, "freeze", *flags, f"--output_file={graph}")
    run(program, "freeze", *flags, f"--output_file={saved}", "--save_format=saved_model")
    ours = wordspot_scores(tool, graph, clips)
    expect_close("frozen graph", graph_scores(graph, clips), ours, tolerance)
    expect_close("frozen graph fed with samples", samples_scores(graph, clips), ours, tolerance)
    expect_close("saved model here", wordspot_scores(tool, saved, clips), ours, 0)
    expect_close("saved model", saved_model_scores(saved, graph, clips), ours, tolerance)
    return ours


def check_branching(tool, scratch, clips):
    """A network that branches, normalises, joins and parts, in both formats."""
    graph, saved = scratch / "branching.pb", scratch / "branching"
    run(tool, "make", graph, "graph_def")
    run(tool, "make", saved, "saved_model")
    ours = wordspot_scores(tool, graph, clips)
    expect_close("branching graph", graph_scores(graph, clips), ours)
    expect_close("branching saved model here", wordspot_scores(tool, saved, clips), ours, 0)
    expect_close("branching saved model", saved_model_scores(saved, graph, clips), ours)


def check_quantized(program, tool, scratch, runs, clips):
    """A graph that rounds as training did."""
    for network in ("tiny_conv", "single_fc", "ds_cnn_s"):
        train = scratch / network
        run(program, "train", f"--data_dir={runs / 'data'}", "--wanted_words=yes,no",
            f"--model_architecture={network}", "--quantize=true", "--batch_size=10",
            "--how_many_training_steps=6,0", f"--train_dir={train}",
            f"--summaries_dir={scratch / 'logs'}")
        (scratch / f"of_{network}").mkdir()
        check_ours(program, tool, scratch / f"of_{network}", [f"--start_checkpoint={train}"], clips)
        nodes = v1.GraphDef.FromString((scratch / f"of_{network}/ours.pb").read_bytes()).node
        expect("rounds", {node.op for node in nodes} >= {"FakeQuantWithMinMaxVars",
                                                          "FakeQuantWithMinMaxArgs"}, True)


def check_kinds(program, tool, scratch, runs, clips):
    """Each kind of features, and each in an unusual geometry."""
    for number, flags in enumerate((
            ["--preprocess=average", "--learning_rate=1e-7,1e-7"],
            ["--preprocess=average", "--learning_rate=1e-7,1e-7", "--feature_bin_count=80",
             "--window_size_ms=20", "--clip_duration_ms=900"],
            ["--preprocess=micro", "--learning_rate=0.001,0.001", "--window_stride_ms=20"],
            ["--preprocess=micro", "--learning_rate=0.001,0.001", "--feature_bin_count=16"],
            ["--preprocess=average", "--learning_rate=1e-7,1e-7", "--sample_rate=8000"],
            # features that TensorFlow has no operator for: it makes those of micro, which rarely differ
            ["--preprocess=micro_device", "--learning_rate=0.001,0.001", "--window_stride_ms=20"],
            # where the front end's milliseconds are no whole number of samples
            ["--preprocess=micro", "--learning_rate=0.001,0.001", "--sample_rate=22050",
             "--window_stride_ms=20"],
            ["--preprocess=mfcc", "--learning_rate=0.001,0.001", "--feature_bin_count=13",
             "--window_size_ms=25.5", "--window_stride_ms=12.25"],
            ["--preprocess=log_mel", "--learning_rate=0.001,0.001"],
            # frames further apart than the mirror is long
            ["--preprocess=log_mel", "--learning_rate=0.001,0.001", "--feature_bin_count=24",
             "--sample_rate=22050", "--window_size_ms=20", "--window_stride_ms=30"])):
        place = scratch / str(number)
        place.mkdir()
        run(program, "train", f"--data_dir={runs / 'data'}", "--wanted_words=yes,no",
            "--model_architecture=tiny_conv", *flags, "--batch_size=10",
            "--how_many_training_steps=4,0", f"--train_dir={place / 'train'}",
            f"--summaries_dir={place / 'logs'}")
        scores = check_ours(program, tool, place, [f"--start_checkpoint={place / 'train'}"], clips,
                            DEVICE_TOLERANCE if "--preprocess=micro_device" in flags else TOLERANCE)
        expect(f"{flags}: scores that say something", bool(scores.std() > 1e-4), True)
        expect(f"{flags}: nor all", bool(scores.max() < 0.9999), True)


# Theirs, read by us


class OlderStyle:
    """Constants after /read, sample rate of the file, BiasAdd: as TensorFlow 1 froze."""
    rate_of_file, prefix = True, "old_"

    @staticmethod
    def weights(name, value):
        return tf.identity(tf.constant(value, name=name), name=f"{name}/read")

    add = staticmethod(tf.nn.bias_add)


class NewerStyle:
    """Constants read where they are, constant rate, AddV2 with the bias in front."""
    rate_of_file, prefix = False, "new_"

    @staticmethod
    def weights(name, value):
        return tf.constant(value, name=name)

    @staticmethod
    def add(x, bias):
        return tf.raw_ops.AddV2(x=bias, y=x)


def random_weights(seed):
    rng = np.random.default_rng(seed)
    return lambda *shape, scale=0.05: (rng.normal(size=shape) * scale).astype(np.float32)


def dense(style, draw, x, name, n_in, n_out, scale=0.05):
    x = tf.matmul(x, style.weights(f"{name}_weights", draw(n_in, n_out, scale=scale)))
    return style.add(x, style.weights(f"{name}_bias", draw(n_out)))


def convolve(style, draw, x, name, shape, strides, padding):
    x = tf.nn.conv2d(x, style.weights(f"{name}_weights", draw(*shape)), [1, *strides, 1], padding)
    return tf.nn.relu(style.add(x, style.weights(f"{name}_bias", draw(shape[-1]))))


def image(x):
    return tf.reshape(x, [-1, 98, 40, 1])


# Networks as the original has them, written down once more. Each: the style, a source of weights
# and features [1, 3920] to logits.


def single_fc(style, draw, x):
    return dense(style, draw, x, "only", 3920, N_LABELS, 0.002)


def conv(style, draw, x):
    x = convolve(style, draw, image(x), "first", (20, 8, 1, 64), (1, 1), "SAME")
    x = tf.nn.max_pool2d(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    x = convolve(style, draw, x, "second", (10, 4, 64, 64), (1, 1), "SAME")
    return dense(style, draw, tf.reshape(x, [-1, 62720]), "final_fc", 62720, N_LABELS, 0.001)


def low_latency_conv(style, draw, x):
    x = convolve(style, draw, image(x), "first", (98, 8, 1, 186), (1, 1), "VALID")
    x = dense(style, draw, tf.reshape(x, [-1, 33 * 186]), "first_fc", 33 * 186, 128, 0.01)
    x = dense(style, draw, x, "second_fc", 128, 128)
    return dense(style, draw, x, "final_fc", 128, N_LABELS)


def tiny_embedding_conv(style, draw, x):
    x = convolve(style, draw, image(x), "first", (10, 8, 1, 8), (2, 2), "SAME")
    x = convolve(style, draw, x, "second", (10, 8, 8, 8), (8, 8), "SAME")
    return dense(style, draw, tf.reshape(x, [-1, 168]), "final_fc", 168, N_LABELS)


def low_latency_svdf(style, draw, x):
    """Smaller than the original's, but with all that it has for streams."""
    n_units, rank = 12, 2
    n_filters = n_units * rank
    memory = style.weights("runtime-memory", np.zeros([n_filters, 1, 98], np.float32))
    is_first = tf.equal(tf.constant(1, name="first_time_flag"), 1)
    n_new = tf.cond(is_first, lambda: tf.constant(98), lambda: tf.constant(3))
    x = tf.expand_dims(x[:, -n_new * 40:], 2)
    frequency = tf.expand_dims(style.weights("weights_frequency", draw(40, n_filters)), 1)
    x = tf.transpose(tf.nn.conv1d(x, frequency, 40, "VALID"), [2, 0, 1])
    x = tf.concat([memory[:, :, n_new:], x], 2)
    time = tf.expand_dims(style.weights("weights_time", draw(n_filters, 98)), 2)
    x = tf.reduce_sum(tf.reshape(tf.matmul(x, time), [n_units, rank, -1]), 1)
    x = tf.nn.relu(style.add(tf.transpose(x), style.weights("bias", draw(n_units))))
    x = dense(style, draw, x, "first_fc", n_units, 8, 0.3)
    return dense(style, draw, x, "final_fc", 8, N_LABELS, 0.3)


# Networks as other projects have them, with batch normalisation.


def normalise(style, draw, x, name, op=tf.raw_ops.FusedBatchNormV3, epsilon=0.001):
    n = x.shape[-1]
    x = op(x=x, scale=style.weights(f"{name}/gamma", 1 + draw(n, scale=0.2)),
           offset=style.weights(f"{name}/beta", draw(n, scale=0.2)),
           mean=style.weights(f"{name}/moving_mean", draw(n, scale=0.2)),
           variance=style.weights(f"{name}/moving_variance", 0.5 + np.abs(draw(n, scale=1))),
           epsilon=epsilon, is_training=False).y
    return tf.nn.relu(x)


def depthwise(style, draw, x, name):
    weights = style.weights(f"{name}_weights", draw(3, 3, x.shape[-1], 1, scale=0.3))
    x = tf.nn.depthwise_conv2d(x, weights, [1, 1, 1, 1], "SAME")
    return style.add(x, style.weights(f"{name}_bias", draw(x.shape[-1])))


def ds_cnn(style, draw, x):
    """Each layer has a bias and a normalisation; the features have a normalisation of their own,
    which no layer can take over."""
    x = normalise(style, draw, image(x), "features", tf.raw_ops.FusedBatchNorm, 1e-4)
    weights = style.weights("first_weights", draw(10, 4, 1, 16, scale=0.1))
    x = tf.nn.conv2d(x, weights, [1, 2, 2, 1], "SAME")
    x = normalise(style, draw, style.add(x, style.weights("first_bias", draw(16))), "first")
    for block in ("second", "third"):
        x = normalise(style, draw, depthwise(style, draw, x, f"{block}_depth"), f"{block}/depth",
                      tf.raw_ops.FusedBatchNormV2)
        weights = style.weights(f"{block}_point_weights", draw(1, 1, 16, 16, scale=0.2))
        x = normalise(style, draw, tf.nn.conv2d(x, weights, [1, 1, 1, 1], "SAME"),
                      f"{block}/point")
    x = tf.nn.avg_pool2d(x, [1, 49, 20, 1], [1, 1, 1, 1], "VALID")
    return dense(style, draw, tf.squeeze(x, [1, 2]), "final_fc", 16, N_LABELS, 0.5)


def tc_resnet(style, draw, x):
    """Features as channels, convolutions along time, and a sum of two paths."""
    x = tf.reshape(x, [-1, 98, 1, 40])
    first = style.weights("first_weights", draw(3, 1, 40, 16, scale=0.02))
    x = normalise(style, draw, tf.nn.conv2d(x, first, [1, 1, 1, 1], "SAME"), "first")
    long = style.weights("long_weights", draw(9, 1, 16, 24, scale=0.1))
    short = style.weights("short_weights", draw(1, 1, 16, 24, scale=0.2))
    y = normalise(style, draw, tf.nn.conv2d(x, long, [1, 2, 2, 1], "SAME"), "long")
    x = normalise(style, draw, tf.nn.conv2d(x, short, [1, 2, 2, 1], "SAME"), "short")
    x = tf.nn.relu(tf.raw_ops.AddV2(x=x, y=y))
    x = tf.nn.avg_pool2d(x, [1, 49, 1, 1], [1, 1, 1, 1], "VALID")
    last = style.weights("last_weights", draw(1, 1, 24, N_LABELS, scale=0.5))
    return tf.squeeze(tf.nn.conv2d(x, last, [1, 1, 1, 1], "SAME"), [1, 2])


def tensorflow_graph(style, network, seed):
    """As freeze.py builds it, with random constants for weights."""
    with v1.Graph().as_default() as graph:
        wav = v1.placeholder(tf.string, [], name="wav_data")
        decoded = tf.raw_ops.DecodeWav(contents=wav, desired_channels=1, desired_samples=16000,
                                       name="decoded_sample_data")
        spectrogram = tf.raw_ops.AudioSpectrogram(input=decoded.audio, window_size=480,
                                                  stride=160, magnitude_squared=True)
        rate = decoded.sample_rate if style.rate_of_file else 16000
        mfcc = tf.raw_ops.Mfcc(spectrogram=spectrogram, sample_rate=rate, dct_coefficient_count=40)
        logits = network(style, random_weights(seed), tf.reshape(mfcc, [-1, 3920]))
        tf.nn.softmax(logits, name="labels_softmax")
        return graph.as_graph_def()


def keras_graph(scratch):
    """A model of Keras 3, which computes its normalisations from their arrays, frozen as
    TensorFlow's own function does it."""
    keras = tf.keras
    layers, drawn = keras.layers, np.random.default_rng(8)
    x = inputs = keras.Input((98, 40, 1))
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.Conv2D(16, (10, 4), strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization(epsilon=0.01)(x))
    x = layers.Dense(12)(layers.GlobalAveragePooling2D()(x))
    x = layers.ReLU()(layers.BatchNormalization(scale=False)(x))
    model = keras.Model(inputs, layers.Dense(N_LABELS, activation="softmax")(x))
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([0.5 + np.abs(drawn.normal(size=array.shape)) for array in
                               layer.get_weights()])

    def scores(wav_data):
        decoded = tf.raw_ops.DecodeWav(contents=wav_data, desired_channels=1,
                                       desired_samples=16000)
        spectrogram = tf.raw_ops.AudioSpectrogram(input=decoded.audio, window_size=480,
                                                  stride=160, magnitude_squared=True)
        mfcc = tf.raw_ops.Mfcc(spectrogram=spectrogram, sample_rate=16000,
                               dct_coefficient_count=40)
        return tf.identity(model(tf.reshape(mfcc, [-1, 98, 40, 1]), training=False),
                           name="labels_softmax")

    concrete = tf.function(scores).get_concrete_function(tf.TensorSpec([], tf.string, "wav_data"))
    frozen = convert_variables_to_constants_v2(concrete).graph.as_graph_def()
    path = scratch / "keras.pb"
    path.write_bytes(frozen.SerializeToString())
    return path


def check_read(tool, name, theirs, clips, tolerance):
    """TensorFlow's scores of a graph are ours, and those of what we write of it."""
    again = theirs.with_name(f"{name}_again.pb")
    scores = graph_scores(theirs, clips)
    expect(f"{name}: scores that say something", bool(scores.std() > 1e-3), True)
    expect_close(name, wordspot_scores(tool, theirs, clips), scores, tolerance)
    run(tool, "copy", theirs, again, "graph_def")
    expect_close(f"{name} written again", graph_scores(again, clips), scores, tolerance)


def check_theirs(tool, scratch, clips):
    networks = {network: TOLERANCE for network in (single_fc, conv, low_latency_conv,
                                                   tiny_embedding_conv, low_latency_svdf)}
    networks.update({ds_cnn: CLOSE_TOLERANCE, tc_resnet: CLOSE_TOLERANCE})
    for style in (OlderStyle, NewerStyle):
        for seed, (network, tolerance) in enumerate(networks.items()):
            name = f"{style.prefix}{network.__name__}"
            theirs = scratch / f"{name}.pb"
            theirs.write_bytes(tensorflow_graph(style, network, seed).SerializeToString())
            check_read(tool, name, theirs, clips, tolerance)
    check_read(tool, "keras", keras_graph(scratch), clips, CLOSE_TOLERANCE)
    return 2 * len(networks) + 1


# TensorFlow's own trained model on real speech


def check_golden(program, tool, scratch, shared):
    golden = shared / "golden/tensorflow"
    model = golden / "models/tiny_conv_trained"
    labels = json.loads((golden / "labels/label_wav.json").read_text())
    clips = [shared / "data/speech_commands" / clip for clip in labels["clips"]]
    wanted = [row["softmax"] for row in labels["clips"].values()]
    flags = [f"--start_checkpoint={model}", "--model_architecture=tiny_conv",
             f"--wanted_words={','.join(labels['labels'][2:])}"]
    expect_close("golden scores", check_ours(program, tool, scratch, flags, clips), wanted)
    for theirs in (model / "frozen.pb", model / "saved_model"):
        expect_close(f"golden {theirs.name}", wordspot_scores(tool, theirs, clips), wanted)
    return len(clips)


def main():
    runs, program, tool, shared = pathlib.Path(sys.argv[1]), *sys.argv[2:4], \
        pathlib.Path(sys.argv[4])
    clips = sorted((runs / "data/yes").glob("*.wav"))[:3] + \
        sorted((runs / "data/no").glob("*.wav"))[:3]
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        for part in ("ours", "branching", "quantized", "kinds", "theirs", "golden"):
            (scratch / part).mkdir()
        check_ours(program, tool, scratch / "ours", [f"--start_checkpoint={runs / 'plain'}"], clips)
        check_branching(tool, scratch / "branching", clips)
        check_quantized(program, tool, scratch / "quantized", runs, clips)
        check_kinds(program, tool, scratch / "kinds", runs, clips)
        n_theirs = check_theirs(tool, scratch / "theirs", clips)
        n_golden = 0
        if (shared / "golden").is_dir() and (shared / "data").is_dir():
            n_golden = check_golden(program, tool, scratch / "golden", shared)
    print(f"freeze: TensorFlow scores ours alike, we score {n_theirs} of its graphs alike, "
          f"and {n_golden} clips of real speech by its own model")


if __name__ == "__main__":
    main()
