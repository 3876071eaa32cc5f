#!/usr/bin/env python3
"""How large TFLite files are beside those of TensorFlow's own converter for the same model.

test_size.py RUNS WORDSPOT: RUNS has a data set. A model is trained for a few steps and frozen as TFLite and as
SavedModel, which the converter gets: in floats, and in 8 bits with whole numbers at both ends. Ours may
have 5 % more bytes, although they say how the features are made and what the labels are called."""
import pathlib
import sys
import tempfile

import needs
from programs import run

needs.packages("numpy", "tensorflow")

import numpy as np
import tensorflow as tf

MOST = 1.05
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
    return len(converter.convert())


def main(runs, wordspot):
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
                theirs = convert(f"{place}_saved", inside == "int8")
                print(f"{model}, {inside}: {ours} bytes, {ours / theirs:.3f} of the converter's")
                if ours > MOST * theirs:
                    sys.exit(f"expected at most {MOST} of it")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
