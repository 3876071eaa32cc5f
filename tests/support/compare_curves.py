#!/usr/bin/env python3
"""compare_curves.py A B TOLERANCE: whether the cross entropies of two runs, as read_events.py prints
them, are of the same steps and no farther apart."""
import sys


def losses(path):
    for line in open(path, encoding="utf-8"):
        if line.startswith("eval/cross_entropy "):
            _, step, value = line.split()
            yield int(step), float.fromhex(value)


def main():
    first, second = (list(losses(path)) for path in sys.argv[1:3])
    tolerance = float(sys.argv[3])
    if not first or [step for step, _ in first] != [step for step, _ in second]:
        sys.exit(f"{sys.argv[1]} has {len(first)} steps, {sys.argv[2]} {len(second)} or others")
    farthest, step = max((abs(a - b), step) for (step, a), (_, b) in zip(first, second))
    if not farthest <= tolerance:
        sys.exit(f"{sys.argv[1]} and {sys.argv[2]} are {farthest:.2e} apart in step {step}")
    print(f"{sys.argv[1]}, {sys.argv[2]}: {len(first)} losses within {tolerance:g}")


main()
