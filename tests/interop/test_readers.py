#!/usr/bin/env python3
"""test_readers.py LOGDIR PROGRAM SCRATCH: programs that read event files for other dashboards find
what `wordspot events csv` prints: tbparse, which gives tables to pandas, Trackio's
import_tf_events and Aim's converter, which need no account. Programs that are not installed are
left out."""
import csv
import glob
import importlib.util
import io
import json
import math
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import needs

needs.packages("tensorboard", "tbparse")

from findings import expect, tell


def our_values(logdir, program):
    """{(run, tag): [(step, value)]}"""
    values = {}
    text = subprocess.run([program, "events", "csv", logdir], check=True, capture_output=True,
                          text=True).stdout
    for row in csv.reader(io.StringIO(text)):
        if row[0] != "run":
            values.setdefault((row[0], row[1]), []).append((int(row[2]), float(row[4])))
    return {key: sorted(points) for key, points in values.items()}


def is_same(ours, theirs):
    """Whether lists of (step, value) are equal, NaN included."""
    return len(ours) == len(theirs) and all(
        a[0] == b[0] and (math.isclose(a[1], b[1], rel_tol=1e-6)
                          or (math.isnan(a[1]) and math.isnan(b[1])))
        for a, b in zip(ours, sorted(theirs)))


def compare(name, ours, theirs):
    expect(f"{name}: scalars", sorted(theirs), sorted(ours))
    expect(f"{name}: wrong ones", [key for key in ours if key in theirs
                                   and not is_same(ours[key], theirs[key])], [])


def check_tbparse(logdir, ours):
    from tbparse import SummaryReader
    reader = SummaryReader(logdir, extra_columns={"dir_name"}, event_types={"scalars", "text",
                                                                          "hparams"})
    theirs = {}
    for row in reader.scalars.itertuples():
        theirs.setdefault((row.dir_name, row.tag), []).append((int(row.step), float(row.value)))
    compare("tbparse", ours, theirs)
    texts = set(reader.text["tag"])
    expect("tbparse: texts", {"run/command", "run/settings", "confusion/matrix"} <= texts, True)
    expect("tbparse: hyperparameters", {"learning_rate", "changed", "setting/warmup"}
           <= set(reader.hparams["tag"]), True)


def check_trackio(logdir, ours, scratch):
    if importlib.util.find_spec("trackio") is None:
        print("left out: trackio is not installed")
        return "tbparse"
    shutil.rmtree(scratch, ignore_errors=True)
    os.environ.update(TRACKIO_DIR=str(scratch), HF_HUB_OFFLINE="1")
    import trackio
    trackio.import_tf_events(logdir, project="ours")
    theirs = {}
    for file in glob.glob(f"{scratch}/*.db"):
        with sqlite3.connect(file) as base:
            names = [column[1] for column in base.execute("pragma table_info(metrics)")]
            for row in base.execute("select * from metrics"):
                at = dict(zip(names, row))
                for tag, value in json.loads(at["metrics"]).items():
                    # what JSON cannot say is a text there, as in "NaN"
                    value = float(value) if value is not None else math.nan
                    theirs.setdefault((at["run_name"], tag), []).append((at["step"], value))
    compare("trackio", ours, theirs)
    return "tbparse and trackio"


def check_aim(logdir, ours, folder):
    """Whether Aim is here."""
    missing = [name for name in ("aim", "tensorflow", "pandas")
               if importlib.util.find_spec(name) is None]
    if missing:
        print(f"left out: Aim, as {missing[0]} is not installed")
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    aim = [sys.executable, "-c", "from aim.cli.cli import cli_entry_point; cli_entry_point()"]
    for command in (["init"], ["convert", "tensorboard", "--logdir", logdir],
                    ["storage", "--repo", ".", "reindex"]):  # without it runs are empty
        subprocess.run([*aim, *command], cwd=folder, input="y\n", text=True, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    from aim import Repo
    theirs = {}
    for found in Repo(str(folder)).query_metrics("True").iter_runs():
        run = os.path.relpath(found.run["tensorboard_logdir"], logdir)
        for metric in found:
            part = metric.context.to_dict().get("entry")
            table = metric.dataframe()
            theirs[(f"{run}/{part}" if part else run, metric.name)] = [
                (int(step), float(value)) for step, value in zip(table["step"], table["value"])]
    compare("aim", ours, theirs)
    return True


def main():
    logdir, program = sys.argv[1:3]
    ours = our_values(logdir, program)
    expect("there is something to read", len(ours) > 20, True)
    check_tbparse(logdir, ours)
    scratch = pathlib.Path(sys.argv[3]).absolute()
    names = check_trackio(logdir, ours, scratch)
    if check_aim(os.path.abspath(logdir), ours, scratch.with_name("aim")):
        names += ", and Aim"
    tell(f"{sum(map(len, ours.values()))} points of {len(ours)} scalars, as {names} read them")


if __name__ == "__main__":
    main()
