#!/usr/bin/env python3
"""peer_label.py FILE FEW MORE: LiteRT on one thread with a .tflite file that takes samples, on the WAV files of two
directories. Prints JSON: how many more seconds of processor time MORE took than FEW, and its files' best scores."""
import json
import pathlib
import sys
import time
import wave

import numpy
from ai_edge_litert.interpreter import Interpreter


def label(interpreter, given, wanted, path):
    with wave.open(str(path)) as clip:
        samples = numpy.frombuffer(clip.readframes(clip.getnframes()), "<i2")
    filled = numpy.zeros(given["shape"], numpy.float32)
    n = min(len(samples), len(filled))
    filled[:n, 0] = samples[:n] / numpy.float32(32768)
    interpreter.set_tensor(given["index"], filled)
    interpreter.invoke()
    scale, zero = wanted["quantization"]
    return float((int(interpreter.get_tensor(wanted["index"]).max()) - zero) * scale)


def main():
    interpreter = Interpreter(model_path=sys.argv[1], num_threads=1)
    interpreter.allocate_tensors()
    given, wanted = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    seconds = []
    for folder in sys.argv[2:]:
        paths = sorted(pathlib.Path(folder).glob("*.wav"))
        start = time.process_time()
        scores = [label(interpreter, given, wanted, path) for path in paths]
        seconds.append(time.process_time() - start)
    print(json.dumps({"seconds": seconds[1] - seconds[0], "scores": scores}))


main()
