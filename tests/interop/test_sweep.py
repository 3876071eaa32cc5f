#!/usr/bin/env python3
"""test_sweep.py DIR PROGRAMS SCREENSHOTS: the sweep of make_sweep.sh on the HParams page.

Both loaders, and the page in a real browser, of which SCREENSHOTS (a folder) gets pictures: its
columns are the two flags that are tried and the figures of a run, every trial is there once, its
figures are those that the sweep knows, and those that failed are marked, however they did. Then
they are tried again, and the page says so."""
import csv
import os
import pathlib
import subprocess
import sys
import time

import needs

needs.packages("tensorboard", "selenium")

from browser import browser, console_errors, missing_program, run_script, shown
from findings import expect, tell
from tensorboard_server import Server, wait_until
from test_hparams import figures, found_by, open_table, wait_until_read

LOGS = "sweep/logs"
N_TRIALS, N_SEEDS = 12, 2
TRIALS = [f"trial-{i:04}" for i in range(N_TRIALS)]
FLAGS = ["batch_size", "learning_rate"]
FIGURES = {"accuracy_test": "test accuracy", "best_accuracy": "best accuracy",
           "unfinished": "unfinished", "last_accuracy": "last accuracy",
           "best_cross_entropy": "cross entropy"}
COLUMNS = {"best_accuracy": "best_validation_accuracy",  # in results.csv
           "last_accuracy": "last_validation_accuracy", "accuracy_test": "test_accuracy"}
KILLS = [("no-record", "warning"), ("torn-tail", "warning")]
CANNOT_BEGIN, KILLED, WILD = TRIALS[3], TRIALS[6], TRIALS[8:]
TAB = """deep('paper-tab').filter(e => e.innerText.toLowerCase().includes('parallel'))[0].click()"""
LINES = "tf-hparams-parallel-coords-plot > path"


def read_results():
    """{run: row of results.csv}"""
    with open("sweep/results.csv", encoding="utf-8", newline="") as file:
        return {row["run_name"]: row for row in csv.DictReader(file)}


def check_experiment(loader, experiment):
    expect(f"{loader}: columns of settings",
           [(info["name"], info["type"]) for info in experiment["hparamInfos"]],
           [(name, "DATA_TYPE_FLOAT64") for name in FLAGS])
    expect(f"{loader}: columns of figures",
           [(metric["name"].get("group", ""), metric["name"]["tag"], metric["displayName"])
            for metric in experiment["metricInfos"]],
           [("", f"eval-run/{name}", title) for name, title in FIGURES.items()])


def check_session(what, session, row):
    """@param row  of results.csv"""
    has_failed = row["state"] == "failed"
    found = figures(session["metricValues"])
    expect(f"{what}: end", session["status"], "STATUS_FAILURE" if has_failed else "STATUS_SUCCESS")
    expect(f"{what}: unfinished", found["unfinished"], float(has_failed))
    for figure, column in COLUMNS.items():
        wanted = float(row[column]) if row[column] else None
        if has_failed and wanted is None:
            continue  # a trial that was killed has left its figures, but told nobody
        expect(f"{what}: {figure}",
               figure in found and abs(found[figure] - wanted) < 1e-6, True)
    expect(f"{what}: a failed trial has no test", has_failed and "accuracy_test" in found, False)


def check_groups(loader, server):
    groups = server.session_groups()
    results = read_results()
    names = [session["name"] for group in groups for session in group["sessions"]]
    expect(f"{loader}: each trial once", sorted(names), TRIALS)
    expect(f"{loader}: rows", len(groups), N_TRIALS // N_SEEDS)
    for group in groups:
        members = [results[session["name"]] for session in group["sessions"]]
        expect(f"{loader}: {group['name']}: seeds of one setting",
               [len({member["setting"] for member in members}),
                len({member["seed"] for member in members})], [1, N_SEEDS])
        for flag in FLAGS:
            expect(f"{loader}: {group['name']}: {flag}", group["hparams"][flag],
                   float(members[0][flag]))
        for session in group["sessions"]:
            check_session(f"{loader}: {session['name']}", session, results[session["name"]])
    done = [name for name, row in results.items() if row["state"] == "done"]
    expect(f"{loader}: filter by the mark", found_by(server, colParams=[
        {"metric": {"group": "", "tag": "eval-run/unfinished"},
         "filterInterval": {"minValue": 0, "maxValue": 0}}]),
        sorted(name for name in done
               if results[name]["setting"] not in {results[other]["setting"] for other in results
                                                   if results[other]["state"] == "failed"}))
    expect(f"{loader}: filter by a setting", found_by(server, colParams=[
        {"hparam": "learning_rate", "filterInterval": {"minValue": 0.0005, "maxValue": 0.005}}]),
        TRIALS[:4])


def wordspot(*arguments):
    return subprocess.run(["wordspot", *arguments], check=False, capture_output=True, text=True)


def check_files(failed):
    """What is said once is there once, and nothing is wrong with any file."""
    results = read_results()
    expect("trials that failed", sorted(name for name, row in results.items()
                                        if row["state"] == "failed"), sorted(failed))
    records, run = [], None
    for line in wordspot("events", "list", LOGS).stdout.splitlines():
        if not line.startswith(" "):
            run = line
        elif "_hparams_/" in line:
            tag, _, n_values = line.split()[:3]
            records.append((run, tag, int(n_values)))
    expect("records of the page", sorted(records),
           sorted([(".", "_hparams_/experiment", 1)] +
                  [(trial, f"_hparams_/session_{what}_info", 1)
                   for trial in TRIALS for what in ("start", "end")]))
    checked = wordspot("events", "check", "--tsv", LOGS)
    rules = [(row["rule"], row["level"])
             for row in csv.DictReader(checked.stdout.splitlines(), delimiter="\t")]
    # Columns are what was tried: other settings are hidden. A process that is killed may leave a
    # file that it has just made, or the first half of a record.
    expect("events check", (checked.returncode, [rule for rule in rules if rule not in KILLS]),
           (0, [("hparam-hidden", "warning")]))
    compared = wordspot("events", "diff", *(f"{LOGS}/{trial}" for trial in TRIALS[4:6]))
    expect("events diff", (compared.returncode, compared.stderr), (0, ""))


def look_at(server, screenshots):
    if missing_program():
        print(f"not looked at: no {missing_program()}")
        return
    screenshots.mkdir(parents=True, exist_ok=True)
    with browser() as window:
        window.set_window_size(1500, 900)
        texts = open_table(window, server, 40, N_TRIALS // N_SEEDS)
        expect("page: columns", texts[:2 + len(FLAGS) + len(FIGURES)],
               ["Trial ID", "Show Metrics", *FLAGS, *FIGURES.values()])
        window.save_screenshot(str(screenshots / "sweep.png"))
        run_script(window, TAB)
        wait_until(lambda: shown(window, LINES, (100, 1)) > 0, 30)
        time.sleep(2)
        window.save_screenshot(str(screenshots / "sweep_parallel.png"))
        expect("page: console", console_errors(window), [])


def check(failed, screenshots=None):
    check_files(failed)
    for loader in ("fast", "slow"):
        with Server(LOGS, loader) as server:
            wait_until_read(server, TRIALS)
            check_experiment(loader, server.experiment())
            check_groups(loader, server)
            expect(f"{loader}: complaints", server.complaints(), [])
            if screenshots is not None and loader == "fast":
                look_at(server, screenshots)


def main():
    folder, programs = sys.argv[1:3]
    screenshots = pathlib.Path(sys.argv[3]).absolute()
    os.environ["PATH"] = programs + ":" + os.environ["PATH"]
    os.chdir(folder)
    if (pathlib.Path("sweep/trials/0003/checkpoints").is_file()):
        check([CANNOT_BEGIN, KILLED, *WILD], screenshots)
        pathlib.Path("sweep/trials/0003/checkpoints").unlink()
    tried = wordspot("sweep", "--dir=sweep", "--jobs=2", "--retry_failed")
    expect("trials that are resumed", tried.stderr.count("resumes from its checkpoint"), 1)
    check(WILD)
    tell(f"{N_TRIALS} trials in {N_TRIALS // N_SEEDS} rows, in both loaders")


if __name__ == "__main__":
    main()
