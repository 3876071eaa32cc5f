#!/usr/bin/env python3
"""peer_clip.py ROUNDS FILE: the least time of a clip on one thread, in microseconds: of LiteRT for a
.tflite file, of ONNX Runtime for an .onnx file."""
import sys
import time

import numpy


def litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    what = interpreter.get_input_details()[0]
    given = features(what["shape"])
    if what["dtype"] != numpy.float32:
        given = (100 * given).astype(what["dtype"])
    interpreter.set_tensor(what["index"], given)
    return interpreter.invoke


def onnx_runtime(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    what = session.get_inputs()[0]
    shape = [n if isinstance(n, int) else 1 for n in what.shape]
    feed = {what.name: features(shape)}
    return lambda: session.run(None, feed)


def features(shape):
    return numpy.random.default_rng(1).uniform(-1, 1, shape).astype(numpy.float32)


def main():
    rounds, path = int(sys.argv[1]), sys.argv[2]
    run = litert(path) if path.endswith(".tflite") else onnx_runtime(path)
    times = []
    for _ in range(rounds + 3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(round(1e6 * min(times[3:]), 1))


main()
