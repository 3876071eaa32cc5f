#!/usr/bin/env python3
"""litert_clip.py ROUNDS FILE...: how long LiteRT takes for one clip on one thread, in microseconds:
the median and the least, a line a file."""
import pathlib
import statistics
import sys
import time

import numpy
from ai_edge_litert.interpreter import Interpreter


def main():
    for path in sys.argv[2:]:
        interpreter = Interpreter(model_path=path, num_threads=1)
        interpreter.allocate_tensors()
        what = interpreter.get_input_details()[0]
        interpreter.set_tensor(what["index"], numpy.random.default_rng(1).uniform(
            -1, 1, what["shape"]).astype(numpy.float32))
        times = []
        for i in range(int(sys.argv[1]) + 3):
            start = time.perf_counter()
            interpreter.invoke()
            times.append(time.perf_counter() - start)
        times = times[3:]
        print(pathlib.Path(path).stem, round(1e6 * statistics.median(times), 1),
              round(1e6 * min(times), 1), flush=True)


main()
