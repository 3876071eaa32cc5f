#!/usr/bin/env python3
"""compare_events.py BUILD ROUNDS: writes scalars with tbevents and with the writers of PyPI.

Each writes its number of scalars with default settings, one an event, from opening to closing, into
a folder of its own. In each round all run one after the other, so that a busy machine slows all of
them. A peer that is not installed is left out. Printed are thousands of scalars a second, the best
round of each, the bytes that a scalar takes, and how many times as fast tbevents is."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
N_OWN = 5_000_000
TAG = "eval/accuracy"


def tensorboard_writer(folder, n):
    """The bare writer, which PyTorch uses; the event is built by hand."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    writer = EventFileWriter(folder)
    for step in range(n):
        value = Summary.Value(tag=TAG, simple_value=step)
        writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=[value])))
    writer.close()


def tensorboardx(folder, n):
    from tensorboardX import SummaryWriter
    writer = SummaryWriter(folder)
    for step in range(n):
        writer.add_scalar(TAG, step, step)
    writer.close()


def tf_summary(folder, n):
    import tensorflow
    writer = tensorflow.summary.create_file_writer(folder)
    with writer.as_default():
        for step in range(n):
            tensorflow.summary.scalar(TAG, step, step=step)
    writer.close()


PEERS = {"tensorboard": (tensorboard_writer, 100_000), "tensorboardX": (tensorboardx, 50_000),
         "tf.summary": (tf_summary, 10_000)}


def size_of(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*tfevents*"))


def run_peer(name):
    """(scalars a second, bytes each), or nothing where it is not installed. Once before: imports."""
    function, n = PEERS[name]
    try:
        with tempfile.TemporaryDirectory() as folder:
            function(folder, 100)
    except ImportError as error:
        print(f"{name}: {error}")
        return None
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        function(folder, n)
        return n / (time.perf_counter() - start), size_of(folder) / n


def run_own(build):
    with tempfile.TemporaryDirectory() as folder:
        printed = subprocess.run([build / "tests/bench/bench_events", folder, str(N_OWN), "2"],
                                 check=True, capture_output=True, text=True).stdout
    rows = (line.split() for line in printed.splitlines())
    return {name: (1e6 * float(speed), float(size)) for name, speed, _, size in rows}


def main():
    build, n_rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    best = {}
    for _ in range(n_rounds):
        found = run_own(build)
        found.update({name: result for name in PEERS if (result := run_peer(name))})
        for name, (speed, size) in found.items():
            best[name] = max(best.get(name, (0, size)), (speed, size))
    own = best["tbevents"][0]
    print(f"{'writer':<18}{'1000 scalars/s':>15}{'bytes each':>12}{'tbevents is':>14}")
    for name, (speed, size) in best.items():
        print(f"{name:<18}{speed / 1e3:>15.1f}{size:>12.1f}{own / speed:>12.1f} x")


if __name__ == "__main__":
    main()
