#!/usr/bin/env python3
"""Prints small_index.txt: the index of the made-up data set of test_index.c, worked out with
CPython's own generator and hashlib. Run once; the result is frozen beside this file."""
import hashlib
import math
import random
import re

FOLDERS = [("yes", 30, "wav"), ("no", 25, "wav"), ("Up", 22, "flac"), ("up", 6, "wav"),
           ("bed", 20, "wav"), ("a-b", 8, "wav"), ("a", 9, "wav"), ("_background_noise_", 2, "wav")]
WANTED = ["yes", "no", "up"]
SILENCE, UNKNOWN, VALIDATION, TESTING = 15.0, 35.0, 20, 15


def names():
    x = 1
    for folder, n, extension in FOLDERS:
        for i in range(n):
            x = (x * 1664525 + 1013904223) % 2**32
            yield f"{folder}/{x:08x}_nohash_{i % 3}.{extension}"


def which_set(path):
    name = re.sub(r"_nohash_.*$", "", path.split("/")[-1])
    value = int(hashlib.sha1(name.encode()).hexdigest(), 16) % 2**27 * (100.0 / (2**27 - 1))
    if value < VALIDATION:
        return "validation"
    return "testing" if value < VALIDATION + TESTING else "training"


def main():
    order = ["validation", "testing", "training"]
    wanted = {name: [] for name in order}
    unknown = {name: [] for name in order}
    for path in sorted(names(), key=str.encode):
        word = path.split("/")[0].lower()
        if word == "_background_noise_":
            continue
        if word in WANTED:
            wanted[which_set(path)].append((WANTED.index(word) + 2, path))
        else:
            unknown[which_set(path)].append((1, path))
    silence = (0, wanted["training"][0][1])
    random.seed(59185)
    for name in order:
        n = len(wanted[name])
        wanted[name] += [silence] * int(math.ceil(n * SILENCE / 100))
        random.shuffle(unknown[name])
        wanted[name] += unknown[name][: int(math.ceil(n * UNKNOWN / 100))]
    for name in order:
        random.shuffle(wanted[name])
    for name in order:
        for label, path in wanted[name]:
            print(name, label, path)


main()
