#!/usr/bin/env python3
"""TFLite files beside those of TensorFlow's own converter for the same model: how large they are, and that
Wordspot runs the converter's as LiteRT does.

test_size.py RUNS WORDSPOT TOOL: RUNS has a data set, TOOL is the program lite_tool. A model is trained for a
few steps and frozen as TFLite and as SavedModel, which the converter gets: in floats, and in 8 bits with whole
numbers at both ends. Ours may have 5 % more bytes, although they say how the features are made and what the
labels are called. The converter's files of 8 bits, which have operators that ours lack (MEAN, SLICE) and a scale
for each output of dense layers, have to give LiteRT's scores."""
import pathlib
import subprocess
import sys
import tempfile

import needs
from programs import run

needs.packages("numpy", "tensorflow", "ai_edge_litert")

import numpy as np
import tensorflow as tf
from ai_edge_litert import interpreter as litert

MOST = 1.05
N = 5  # clips
MAX_LEVELS = 1
MODELS = {
    "tiny_conv": [],
    "ds_cnn_s": ["--window_size_ms=40", "--window_stride_ms=20", "--feature_bin_count=10"],
    "tc_resnet_8": [],
    "bc_resnet_1": ["--preprocess=log_mel"],
    "mixednet": ["--preprocess=micro_device", "--clip_duration_ms=2060"],
}


def convert(path, is_int8):
    loaded = tf.saved_model.load(str(path))
    signature = loaded.signatures["serving_default"]
    (name, given), = signature.structured_input_signature[1].items()
    shape = [1] + list(given.shape)[1:]
    function = tf.function(lambda x: signature(**{name: x}),
                           input_signature=[tf.TensorSpec(shape, tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()], loaded)
    if is_int8:
        random = np.random.default_rng(1)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: (
            [random.normal(0, 5, shape).astype(np.float32)] for _ in range(4))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def check_scores(tool, path):
    """Of 8 bits: the last tensor that our executor computes against LiteRT's output."""
    model = litert.Interpreter(str(path))
    model.allocate_tensors()
    given, wanted = model.get_input_details()[0], model.get_output_details()[0]
    scale, zero = given["quantization"]
    clips = np.random.default_rng(2).normal(0, 5, (N, *given["shape"])).astype(np.float32)
    features = path.with_suffix(".features")
    clips.tofile(features)
    done = subprocess.run([str(tool), "run", str(path), str(features), str(N), "exact"], capture_output=True,
                          check=False, timeout=120)
    if done.returncode:
        sys.exit(done.stderr.decode())
    ours = np.frombuffer(done.stdout, np.int8).reshape(N, -1)
    worst = 0
    for i, clip in enumerate(clips):
        model.set_tensor(given["index"], np.clip(np.rint(clip / scale) + zero, -128, 127).astype(np.int8))
        model.invoke()
        scores = model.get_tensor(wanted["index"]).reshape(-1).astype(int)
        worst = max(worst, int(np.abs(scores - ours[i][-scores.size:]).max()))
    print(f"{path.name}: the scores of the converter's file are {worst} levels off")
    if worst > MAX_LEVELS:
        sys.exit(f"expected at most {MAX_LEVELS}")
    return any(len(tensor["quantization_parameters"]["scales"]) > 1 and len(tensor["shape"]) == 2
               for tensor in model.get_tensor_details())


def main(runs, wordspot, tool):
    has_scales = False
    with tempfile.TemporaryDirectory() as folder:
        for model, flags in MODELS.items():
            place = pathlib.Path(folder) / model
            run(wordspot, "train", f"--data_dir={runs / 'data'}", "--wanted_words=yes,no",
                f"--model_architecture={model}", *flags, "--batch_size=5", "--learning_rate=0.001",
                "--how_many_training_steps=2", f"--train_dir={place}", f"--summaries_dir={place}_logs")
            freeze = [wordspot, "freeze", f"--start_checkpoint={place}", "--calibration_clips=10"]
            run(*freeze, "--save_format=saved_model", f"--output_file={place}_saved")
            for inside in ("float32", "int8"):
                run(*freeze, "--save_format=tflite", f"--inference_type={inside}",
                    f"--output_file={place}.tflite")
                ours = place.with_suffix(".tflite").stat().st_size
                converted = pathlib.Path(f"{place}.converted.tflite")
                converted.write_bytes(convert(f"{place}_saved", inside == "int8"))
                theirs = converted.stat().st_size
                print(f"{model}, {inside}: {ours} bytes, {ours / theirs:.3f} of the converter's")
                if ours > MOST * theirs:
                    sys.exit(f"expected at most {MOST} of it")
            has_scales |= check_scores(tool, converted)
    if not has_scales:
        sys.exit("no file has a scale for each output of a dense layer, so this does not show that they are read")


main(*map(pathlib.Path, sys.argv[1:]))
