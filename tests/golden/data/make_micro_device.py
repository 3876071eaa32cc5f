#!/usr/bin/env python3
"""Writes micro_device.npz: what the C code for microcontrollers, as ESPHome compiles it, makes of noise.

    python make_micro_device.py micro_device.npz       (pymicro-features 2.0.2)

Array I, uint16 [98, 40], is of clip I: a second at 16 kHz, 16 bits of the generator below, shifted right by
SHIFTS[I], with every other tenth of a second shifted by 4 more.
"""
import sys

import numpy as np
from pymicro_features import MicroFrontend

SHIFTS = (0, 3, 7, 11)


def clip(seed, shift):
    state, samples = seed, []
    for i in range(16000):
        state = (state * 1664525 + 1013904223) % 2**32
        value = state >> 16
        samples.append((value - 65536 if value >= 32768 else value) >> (shift + (4 if i // 1600 % 2 else 0)))
    return np.array(samples, "<i2")


def features(samples):
    front_end, rows = MicroFrontend(), []
    for at in range(0, len(samples), 160):
        row = front_end.process_samples(samples[at:at + 160].tobytes()).features
        if row:
            rows.append(np.rint(np.array(row) * 25.6))
    return np.array(rows, np.uint16)


if __name__ == "__main__":
    np.savez_compressed(sys.argv[1], **{str(i): features(clip(i + 1, shift)) for i, shift in enumerate(SHIFTS)})
