#!/usr/bin/env python3
"""test_hparams.py DIR PROGRAMS SCREENSHOTS: the HParams page on the runs of make_trials.sh.

Both loaders, and the page in a real browser, of which SCREENSHOTS (a folder) gets a picture:
every run is there once, in the row of its settings, with its last and best figures; the ones that
failed can be told from the others. Then a server that has seen a run stop sees it resume."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import needs

needs.packages("tensorboard", "selenium")

from browser import browser, console_errors, missing_program, run_script, shown
from findings import expect, tell
from tensorboard_server import Server, wait_until

FIGURES = ["accuracy_test", "best_accuracy", "best_cross_entropy", "last_accuracy", "unfinished"]
ENDS = {"slow-1": "SUCCESS", "slow-2": "SUCCESS", "slow-3": "FAILURE", "quick-1": "SUCCESS",
        "quick-2": "SUCCESS", "quick-3": "SUCCESS", "wild-1": "FAILURE"}
RATES = {"slow": 0.001, "quick": 0.01, "wild": 1e30}
TYPES = {"learning_rate": "FLOAT64", "setting/learning_rate_last": "FLOAT64",
         "how_many_training_steps": "FLOAT64",
         "setting/how_many_training_steps_first": "FLOAT64",
         "setting/background_volume": "FLOAT64", "batch_size": "FLOAT64",
         "setting/quantize": "BOOL", "changed": "STRING", "model_architecture": "STRING",
         "optimizer": "STRING", "setting/wanted_words": "STRING"}
NO_HPARAMS = ["seed", "data_dir", "run_name", "threads", "verbosity"]
NO_HPARAMS += ["setting/" + name for name in NO_HPARAMS]
COLUMNS = ["batch_size", "changed", "how_many_training_steps", "learning_rate",
           "model_architecture"]  # of one run; of several, those that differ are the first
CELLS = "tf-hparams-table-view > vaadin-grid-cell-content"
TEXTS = "return deep(arguments[0]).map(e => e.innerText.trim()).filter(text => text)"
# Of each row: its curves below it. The rows lie by the hashes in their names.
SHOW_METRICS = """deep('tf-hparams-table-view > paper-checkbox')
    .filter(e => e.getBoundingClientRect().width > 0).forEach(e => e.click())"""
# The titles of columns of which a value's width is inside the window.
TITLES = """return deep('tf-hparams-table-view > vaadin-grid-cell-content > .table-header')
    .filter(e => { const r = e.getBoundingClientRect();
                   return r.width > 0 && r.left + 110 <= window.innerWidth; })
    .map(e => e.innerText.trim())"""
# Of each row: a line across all axes.
LINES = "tf-hparams-parallel-coords-plot > svg > g.foreground > path"
CURVES = "tf-hparams-session-group-details > vz-line-chart2 > path.line"


def figures(metric_values):
    """{figure: value} of those that are the run's own."""
    return {value["name"]["tag"].removeprefix("eval-run/"): value["value"]
            for value in metric_values if value["name"]["tag"].startswith("eval-run/")}


def wanted_figures(server, run):
    """What the curves of the run come to."""
    folders = server.get("plugin/scalars/tags")
    wanted = {"unfinished": 0.0 if ENDS[run] == "SUCCESS" else 1.0}
    if "eval/accuracy" in folders.get(f"{run}/validation", {}):
        accuracy = server.scalars(f"{run}/validation", "eval/accuracy")
        step, best = max(accuracy, key=lambda point: point[1])  # the first of equal ones
        wanted["best_accuracy"], wanted["last_accuracy"] = best, accuracy[-1][1]
        wanted["best_cross_entropy"] = dict(
            server.scalars(f"{run}/validation", "eval/cross_entropy"))[step]
    if f"{run}/test" in folders:
        wanted["accuracy_test"] = server.scalars(f"{run}/test", "eval/accuracy")[-1][1]
    return wanted


def check_experiment(loader, experiment):
    tags = [[metric["name"].get("group", ""), metric["name"]["tag"]]
            for metric in experiment["metricInfos"]]
    expect(f"{loader}: first metrics", tags[:5], [["", f"eval-run/{name}"] for name in FIGURES])
    infos = {info["name"]: info for info in experiment["hparamInfos"]}
    expect(f"{loader}: types", {name: infos.get(name, {}).get("type") for name in TYPES},
           {name: f"DATA_TYPE_{kind}" for name, kind in TYPES.items()})
    expect(f"{loader}: what is no hyperparameter", [n for n in NO_HPARAMS if n in infos], [])
    expect(f"{loader}: what differs, first", experiment["hparamInfos"][0]["name"], "learning_rate")
    expect(f"{loader}: what differs", [name for name, info in infos.items() if info.get("differs")],
           ["learning_rate"])
    expect(f"{loader}: then what identifies a run",
           [name for name in infos if name != "learning_rate"][:4],
           [name for name in COLUMNS if name != "learning_rate"])


def check_groups(loader, server):
    groups = server.session_groups()
    names = [session["name"] for group in groups for session in group["sessions"]]
    expect(f"{loader}: each run once", sorted(names), sorted(ENDS))
    expect(f"{loader}: rows", len(groups), len(RATES))
    for group in groups:
        kind = group["sessions"][0]["name"].split("-")[0]
        members = [session["name"] for session in group["sessions"]]
        own = [figures(session["metricValues"]) for session in group["sessions"]]
        expect(f"{loader}: {kind}: members", members,
               sorted(run for run in ENDS if run.startswith(kind)))
        expect(f"{loader}: {kind}: name", bool(re.fullmatch("tiny_conv-[0-9a-f]{6}",
                                                            group["name"])), True)
        expect(f"{loader}: {kind}: rate", group["hparams"]["learning_rate"], RATES[kind])
        expect(f"{loader}: {kind}: what is not usual", group["hparams"]["changed"],
               "wanted_words=yes,no")
        for session, found in zip(group["sessions"], own):
            run = session["name"]
            expect(f"{loader}: {run}: end", session["status"], f"STATUS_{ENDS[run]}")
            expect(f"{loader}: {run}: figures", found, wanted_figures(server, run))
            expect(f"{loader}: {run}: times", session["startTimeSecs"] > 1e9
                   and session["endTimeSecs"] >= session["startTimeSecs"], True)
        unfinished = sum(one["unfinished"] for one in own) / len(own)
        expect(f"{loader}: {kind}: failed members show",
               abs(figures(group["metricValues"])["unfinished"] - unfinished) < 1e-6, True)


def found_by(server, **query):
    return sorted(session["name"] for group in server.session_groups(**query)
                  for session in group["sessions"])


def check_filters(loader, server):
    def interval(name, least, most):
        return {name[0]: name[1], "filterInterval": {"minValue": least, "maxValue": most}}
    metric = {"group": "", "tag": "eval-run/unfinished"}
    expect(f"{loader}: filter by a number",
           found_by(server, colParams=[interval(("hparam", "learning_rate"), 0.005, 0.05)]),
           ["quick-1", "quick-2", "quick-3"])
    expect(f"{loader}: filter by a figure",
           found_by(server, colParams=[interval(("metric", metric), 0, 0)]),
           ["quick-1", "quick-2", "quick-3"])
    expect(f"{loader}: filter by a text",
           found_by(server, colParams=[{"hparam": "model_architecture",
                                        "filterDiscrete": ["conv"]}]), [])
    expect(f"{loader}: filter by the end",
           found_by(server, allowedStatuses=["STATUS_FAILURE"]), ["slow-3", "wild-1"])


def wait_until_read(server, runs):
    """Until the end of each run, which is written last, has been read."""
    def ended():
        sessions = [session for group in server.session_groups() for session in group["sessions"]]
        return {session["name"] for session in sessions if "status" in session} >= set(runs)
    if not wait_until(ended, 60):
        raise RuntimeError("runs are missing:\n" + server.output())


def open_table(window, server, n_cells, n_rows):
    """The texts of the page's table once it has more cells than that."""
    window.get(f"{server.url}#hparams")
    wait_until(lambda: shown(window, CELLS, (10, 5)) > n_cells, 30)
    time.sleep(2)
    texts = run_script(window, TEXTS, CELLS)
    expect("page: rows", sum(text.startswith("tiny_conv-") for text in texts), n_rows)
    return texts


def look_at_usual_window(loader, logdir, runs, columns, n_rows, screenshot):
    """Without a click: what differs, what else identifies a run, and the accuracy on the test. No
    row is missing among the parallel coordinates."""
    with Server(logdir, loader) as server:
        wait_until_read(server, runs)
        with browser() as window:
            window.set_window_size(1500, 900)
            open_table(window, server, 10, n_rows)
            titles = run_script(window, TITLES)
            for column in [*columns, "accuracy_test"]:
                expect(f"page of 1500 pixels: {column} among {titles}",
                       any(column in title for title in titles), True)
            window.save_screenshot(str(screenshot))
            run_script(window, "deep('paper-tab')[1].click()")
            wait_until(lambda: shown(window, LINES, (10, 0)) >= n_rows, 30)
            expect("parallel coordinates: rows", shown(window, LINES, (10, 0)), n_rows)


def make_loop(logdir):
    """Runs that read different settings: each optimizer has its own."""
    for name, flags in {"plain": [], "warm": ["--warmup=0.2"],
                        "adam": ["--optimizer=adam", "--adam_beta1=0.8"],
                        "adam_2": ["--optimizer=adam", "--adam_beta1=0.7"]}.items():
        subprocess.run(["wordspot", "train", "--data_dir=data", "--wanted_words=yes,no",
                        "--model_architecture=tiny_conv", "--how_many_training_steps=20",
                        "--learning_rate=0.01", "--eval_step_interval=10", f"--run_name={name}",
                        f"--train_dir=loop/{name}", f"--summaries_dir={logdir}", *flags],
                       check=True, capture_output=True)
    return ["plain", "warm", "adam", "adam_2"]


def look_at(server, screenshots):
    if missing_program():
        print(f"not looked at: no {missing_program()}")
        return
    screenshots.mkdir(parents=True, exist_ok=True)
    shutil.rmtree("single", ignore_errors=True)
    shutil.copytree("logs/quick-1", "single/quick-1")
    look_at_usual_window("fast", "single", ["quick-1"], COLUMNS, 1,
                         screenshots / "hparams_one.png")
    shutil.rmtree("loop", ignore_errors=True)
    look_at_usual_window("slow", "loop/logs", make_loop("loop/logs"),
                         ["changed", "optimizer", "setting/adam_beta1", "setting/warmup"], 4,
                         screenshots / "hparams_loop.png")
    with browser() as window:
        window.set_window_size(2400, 1300)
        texts = open_table(window, server, 20, len(RATES))
        for figure in FIGURES:
            expect(f"page: column {figure}", f"eval-run/{figure}" in texts, True)
        run_script(window, SHOW_METRICS)
        wait_until(lambda: shown(window, CURVES, (40, 1)) >= 4, 30)
        time.sleep(3)
        expect("page: curves of the rows", shown(window, CURVES, (40, 1)) >= 4, True)
        window.save_screenshot(str(screenshots / "hparams.png"))
        expect("page: console", console_errors(window), [])


def session_of(server, run):
    """(status, figures) of a run."""
    return next((session.get("status"), figures(session["metricValues"]))
                for group in server.session_groups() for session in group["sessions"]
                if session["name"] == run)


def check_going_on(loader):
    """slow-3, which a Ctrl-C ended, is resumed while a server watches."""
    live = pathlib.Path(f"live-{loader}")
    shutil.rmtree(live, ignore_errors=True)
    shutil.copytree("logs/slow-3", live / "logs/slow-3")
    shutil.copytree("slow-3", live / "slow-3")
    with Server(live / "logs", loader) as server:
        wait_until_read(server, ["slow-3"])
        status, found = session_of(server, "slow-3")
        expect(f"{loader}: before it is resumed", (status, found["unfinished"]),
               ("STATUS_FAILURE", 1.0))
        subprocess.run(["wordspot", "train", f"--start_checkpoint={live}/slow-3",
                        f"--summaries_dir={live}/logs"], check=True, capture_output=True)
        wait_until(lambda: "accuracy_test" in session_of(server, "slow-3")[1], 60)
        _, seen = session_of(server, "slow-3")
        expect(f"{loader}: seen after it is resumed", seen["unfinished"], 0.0)
        expect(f"{loader}: complaints", server.complaints(), [])
    with Server(live / "logs", loader) as server:
        wait_until_read(server, ["slow-3"])
        status, found = session_of(server, "slow-3")
        expect(f"{loader}: a new server", (status, found), ("STATUS_SUCCESS", seen))
        points = server.scalars("slow-3", "eval-run/best_accuracy")
        expect(f"{loader}: best so far", [step for step, _ in points], [20, 40, 60])


def main():
    folder, programs = sys.argv[1:3]
    screenshots = pathlib.Path(sys.argv[3]).absolute()
    os.environ["PATH"] = programs + ":" + os.environ["PATH"]
    os.chdir(folder)
    for loader in ("fast", "slow"):
        with Server("logs", loader) as server:
            wait_until_read(server, ENDS)
            check_experiment(loader, server.experiment())
            check_groups(loader, server)
            check_filters(loader, server)
            expect(f"{loader}: complaints", server.complaints(), [])
            if loader == "fast":
                look_at(server, screenshots)
        check_going_on(loader)
    tell(f"{len(ENDS)} runs in {len(RATES)} rows, in both loaders")


if __name__ == "__main__":
    main()
