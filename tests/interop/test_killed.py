#!/usr/bin/env python3
"""test_killed.py DIR PROGRAMS EVENTS_TOOL [KILLS]: runs under kill -9 at any moment.

Starts a run, kills it at a random moment, resumes from its newest checkpoint, and so on until it
comes to its end, then the next one, until KILLS (8, or what WS_N_KILLS says) were killed. Every
event file must be readable after each kill, and in the end both of TensorBoard's loaders must show
of every such run the curves of a run that nobody disturbed, bit for bit. WS_KILL_SEED repeats a
test: the seed is printed. PROGRAMS is a colon list of the folders of wordspot and make_dataset."""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

import needs

needs.packages("tensorboard")

from findings import expect, tell
from tensorboard_server import Server, wait_until

SPEED = "steps/clips_per_second"
AT_END = "eval-run/accuracy_test"
N_STEPS = 60
FLAGS = ["--data_dir=data", "--wanted_words=yes,no", "--model_architecture=tiny_conv",
         "--batch_size=50", "--how_many_training_steps=40,20", "--learning_rate=0.01,0.001",
         "--eval_step_interval=20", "--save_step_interval=5", "--summaries_dir=logs"]
UNFINISHED = "eval-run/unfinished"  # tells of each process of a run that it has begun


def command(run):
    if pathlib.Path(run, "checkpoint").exists():
        return ["wordspot", "train", f"--start_checkpoint={run}"]
    for part in (pathlib.Path(run), pathlib.Path("logs", run)):
        shutil.rmtree(part, ignore_errors=True)  # it did not get far enough to be resumed
    return ["wordspot", "train", f"--train_dir={run}", f"--run_name={run}", *FLAGS]


class Tally:
    """What the kills left."""

    def __init__(self, events_tool):
        self.events_tool = events_tool
        self.n_kills = self.n_files = self.n_torn = 0

    def push_kill(self, run):
        self.n_kills += 1
        files = sorted(pathlib.Path("logs", run).rglob("*tfevents*"))
        read = subprocess.run([self.events_tool, *files], capture_output=True, text=True)
        expect(f"{run} after kill {self.n_kills}: damage", read.stderr, "")
        torn = [int(line.split()[1]) for line in read.stdout.splitlines()]
        expect(f"{run} after kill {self.n_kills}: files", len(torn), len(files))
        self.n_files += len(torn)
        self.n_torn += sum(n > 0 for n in torn)


def run_to_end(run, log):
    start = time.monotonic()
    subprocess.run(command(run), stdout=log, stderr=log, check=True)
    return time.monotonic() - start


def is_killed(run, delay_s, log):
    """One process of the run; false: it came to its end before."""
    process = subprocess.Popen(command(run), stdout=log, stderr=log)
    try:
        process.wait(delay_s)
    except subprocess.TimeoutExpired:
        process.kill()
    code = process.wait()
    if code not in (0, -9):
        log.flush()
        sys.exit(f"{run}: exit code {code}\n" + pathlib.Path(log.name).read_text()[-2000:])
    return code != 0


def disturb(n_kills, tally, duration_s, log):
    """@return the names of the runs that were killed and have ended nevertheless"""
    runs = []
    while tally.n_kills < n_kills:
        runs.append(f"killed-{len(runs) + 1}")
        while is_killed(runs[-1], random.uniform(0, duration_s / 2), log):
            tally.push_kill(runs[-1])
            if tally.n_kills == n_kills:
                run_to_end(runs[-1], log)
                break
    return runs


def ask(runs, loader):
    """{run: {folder in it: {tag: points}}} and {run: status}, once everything is read."""
    with Server("logs", loader) as server:
        for run in runs:
            server.wait_for_point(f"{run}/train", "eval/accuracy", N_STEPS)
            server.wait_for_point(f"{run}/test", "eval/accuracy", N_STEPS)
            wait_until(lambda: server.scalars(run, AT_END), 30)
        tags = server.get("plugin/scalars/tags")
        curves = {run: {folder[len(run):]: {tag: server.scalars(folder, tag) for tag in tags[folder]}
                        for folder in tags if folder.split("/")[0] == run} for run in runs}
        ends = {session["name"]: session.get("status") for group in server.session_groups()
                for session in group["sessions"]}
        expect(f"{loader}: complaints", server.complaints(), [])
    return curves, ends


def comparable(tag, curves):
    """The points of a curve; of one that is never the same two times, their steps; of one that is
    written at the end, its value, since a process that has no step left puts it one step later."""
    points = curves.get(tag, [])
    if tag == SPEED:
        return [step for step, _ in points]
    return [value for _, value in points] if tag == AT_END else points


def check(runs, loader):
    curves, ends = ask(["plain", *runs], loader)
    plain = curves["plain"]
    expect(f"{loader}: plain: steps", [step for step, _ in plain["/train"]["eval/accuracy"]],
           list(range(1, N_STEPS + 1)))
    for run in runs:
        unfinished = curves[run][""].pop(UNFINISHED)
        steps = [step for step, _ in unfinished]
        expect(f"{loader}: {run}: begins", steps, sorted(set(steps)))
        expect(f"{loader}: {run}: end", unfinished[-1][1], 0.0)
        expect(f"{loader}: {run}: step of the end", unfinished[-1][0] - N_STEPS in (1, 2), True)
        for folder in sorted({*plain, *curves[run]}):
            have, want = curves[run].get(folder, {}), plain.get(folder, {})
            for tag in sorted({*have, *want} - {UNFINISHED}):
                expect(f"{loader}: {run}{folder} {tag}", comparable(tag, have),
                       comparable(tag, want))
        expect(f"{loader}: {run}: status", ends.get(run), "STATUS_SUCCESS")


def main():
    folder, programs, events_tool = sys.argv[1:4]
    n_kills = int(sys.argv[4] if len(sys.argv) > 4 else os.environ.get("WS_N_KILLS", 8))
    seed = int(os.environ.get("WS_KILL_SEED", time.time_ns() % 1000000))
    print(f"WS_KILL_SEED={seed}", flush=True)
    random.seed(seed)
    os.environ["PATH"] = programs + ":" + os.environ["PATH"]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    os.chdir(folder)
    subprocess.run(["make_dataset", "data", "yes", "no", "other"], check=True)
    tally = Tally(os.path.abspath(events_tool))
    with open("train.log", "w") as log:
        duration_s = run_to_end("plain", log)
        runs = disturb(n_kills, tally, duration_s, log)
    for loader in ("fast", "slow"):
        check(runs, loader)
    tell(f"{tally.n_kills} kills of {len(runs)} runs: {tally.n_files} files read, {tally.n_torn} "
         "with half a record at the end; both loaders show the curves of an undisturbed run")


if __name__ == "__main__":
    main()
