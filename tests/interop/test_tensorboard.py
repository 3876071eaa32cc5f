#!/usr/bin/env python3
"""test_tensorboard.py LOGDIR: what TensorBoard makes of the runs of make_logs.sh.

Both of its loaders, the fast one in Rust and the older one in Python, have to give the same
answers, and these have to be what the event files hold: one clean curve a run, also where it was
killed or interrupted and resumed."""
import io
import pathlib
import subprocess
import sys
import urllib.request
import wave
import zlib

import needs

needs.packages("tensorboard", "PIL")

from PIL import Image

from findings import expect, tell
from tensorboard_server import Server

READ_EVENTS = pathlib.Path(__file__).parent.parent / "support" / "read_events.py"
RUNS = ["interrupted", "killed", "plain"]
STEPS = {"train": list(range(1, 61)), "validation": [20, 40, 60], "test": [60]}
LABELS = ["_silence_", "_unknown_", "no", "yes"]
SPEED = "steps/clips_per_second"
EVALUATED = ["eval/accuracy", "eval/cross_entropy", "eval/macro_recall",
             *[f"eval_recall/{label}" for label in LABELS]]
# Of a label that nothing was taken for there is no precision.
SOMETIMES = {f"word_precision/{label}" for label in LABELS}
SCALARS = {
    "train": ["eval/accuracy", "eval/cross_entropy", "eval/learning_rate", SPEED, "steps/epoch",
              "steps/gradient_norm"],
    "validation": EVALUATED,
    "test": EVALUATED,
}
# Tags of pictures: (steps, size; no height: it depends on the model).
CONFUSION = {
    "eval/confusion_matrix": (None, (700, 700)),
    "review/confusion_errors": (None, (700, 700)),
}
MISTAKES = [f"review/mistake_{rank}" for rank in range(1, 6)]
EVALUATED_PICTURES = CONFUSION | {tag: (None, (700, 360)) for tag in MISTAKES}
PICTURES = {
    "train": {"weights/first_layer": ([20, 40, 60], (700, None))},
    "validation": EVALUATED_PICTURES,
    "test": EVALUATED_PICTURES,
}
SOUNDS = {"train": [], "validation": [f"{tag}_sound" for tag in MISTAKES]}
SOUNDS["test"] = SOUNDS["validation"]
PAGES = ("scalars", "images", "audio")
RATE_HZ = 16000


def folders():
    return [(run, part) for run in RUNS for part in sorted(STEPS)]


def file_content(logdir, folder):
    """{tag: [(step, value or checksum of the picture)]} of scalars and pictures, as our own reader
    sees it."""
    out = subprocess.run([sys.executable, READ_EVENTS, logdir / folder], check=True,
                         capture_output=True, text=True).stdout
    content = {}
    for line in out.splitlines():
        tag, step, value = line.split(" ", 2)
        if value.startswith("PNG "):
            content.setdefault(tag, []).append((int(step), value[4:]))
        elif " " not in value:
            content.setdefault(tag, []).append((int(step), float.fromhex(value)))
    return content


def ask_for(server, plugin, read):
    """Everything of a plugin: {run: {tag: (description, number of samples, points)}}"""
    return {run: {tag: (info["description"], info.get("samples"), read(run, tag))
                  for tag, info in tags.items()}
            for run, tags in server.get(f"plugin/{plugin}/tags").items()}


def ask(logdir, loader):
    """All answers of a server, once it has read everything."""
    with Server(logdir, loader) as server:
        for run in RUNS:
            server.wait_for_point(f"{run}/train", "eval/accuracy", 60)
            server.wait_for_point(f"{run}/test", "eval/accuracy", 60)
        answers = {
            "runs": sorted(server.get("runs")),
            "scalars": ask_for(server, "scalars", server.scalars),
            "images": ask_for(server, "images", server.images),
            "audio": ask_for(server, "audio", server.sounds),
        }
        # a server without the flag says so, where it could use the fast loader
        expect(f"{loader}: loader is fast", "experimental fast data" in server.output(),
               loader == "fast")
        expect(f"{loader}: complaints", server.complaints(), [])
    return answers


def check_picture(what, file, size):
    picture = Image.open(io.BytesIO(file))
    picture.load()  # a broken file raises
    expect(f"{what}: format and size", (picture.format, picture.width, picture.height),
           ("PNG", size[0], size[1] or picture.height))
    n_colours = len(picture.convert("RGB").getcolors(1 << 20))
    expect(f"{what}: is something drawn", n_colours > 1, True)


def check_sounds(sounds, folder, part):
    """Seconds of what was heard, or a short pause where nothing was wrong."""
    expect(f"{folder}: sounds", sorted(sounds), SOUNDS[part])
    for tag, (description, _, points) in sounds.items():
        what = f"{folder} {tag}"
        expect(f"{what}: steps", [step for step, _ in points], STEPS[part])
        expect(f"{what}: is described", len(description) > 20, True)
        for step, file in points:
            with wave.open(io.BytesIO(file)) as sound:
                expect(f"{what} at {step}: channels, bytes, rate", sound.getparams()[:3],
                       (1, 2, RATE_HZ))
                expect(f"{what} at {step}: length", sound.getnframes() in (RATE_HZ, RATE_HZ // 10),
                       True)


def check_run(answers, folder, part, written):
    scalars = answers["scalars"].get(folder, {})
    expect(f"{folder}: scalars", sorted(set(scalars) - SOMETIMES), SCALARS[part])
    for tag, (description, _, points) in scalars.items():
        what = f"{folder} {tag}"
        if tag not in SOMETIMES:
            expect(f"{what}: steps", [step for step, _ in points], STEPS[part])
        expect(f"{what}: values", points, written[tag])
        expect(f"{what}: is described", len(description) > 20, True)

    pictures = answers["images"].get(folder, {})
    expect(f"{folder}: pictures", sorted(pictures), sorted(PICTURES[part]))
    for tag, (description, n_samples, points) in pictures.items():
        what = f"{folder} {tag}"
        steps, size = PICTURES[part][tag]
        expect(f"{what}: samples", n_samples, 1)
        expect(f"{what}: steps", [step for step, _ in points], steps or STEPS[part])
        expect(f"{what}: files", [(step, f"{zlib.crc32(file):08x}") for step, file in points],
               written[tag])
        expect(f"{what}: is described", len(description) > 20, True)
        for step, file in points:
            check_picture(f"{what} at {step}", file, size)
    check_sounds(answers["audio"].get(folder, {}), folder, part)


def check_equal_runs(answers):
    """A run that was stopped and resumed shows the very curves of one that was not, but for those
    of its speed."""
    for run in RUNS[:-1]:
        for part in STEPS:
            for plugin in PAGES:
                shown, plain = ({tag: all_of for tag, all_of in
                                 answers[plugin].get(f"{name}/{part}", {}).items() if tag != SPEED}
                                for name in (run, "plain"))
                expect(f"{plugin} of {run}/{part} as of plain", shown, plain)


def check_equal_loaders(fast, slow):
    for plugin in PAGES:
        for folder in fast["runs"]:
            expect(f"{plugin} of {folder} in both loaders",
                   fast[plugin].get(folder), slow[plugin].get(folder))


def main():
    logdir = pathlib.Path(sys.argv[1])
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    answers = {loader: ask(logdir, loader) for loader in ("fast", "slow")}
    for found in answers.values():
        # what is known of a run as a whole stands in its own folder (test_hparams.py)
        expect("runs", found["runs"],
               sorted(RUNS + [f"{run}/{part}" for run, part in folders()]))
        for run, part in folders():
            folder = f"{run}/{part}"
            check_run(found, folder, part, file_content(logdir, folder))
        check_equal_runs(found)
    check_equal_loaders(answers["fast"], answers["slow"])
    tell(f"{len(folders())} runs: both loaders show what the event files hold")


if __name__ == "__main__":
    main()
