#!/usr/bin/env python3
"""test_run_pages.py LOGDIR: the runs of make_logs.sh on TensorBoard's pages of custom scalars,
histograms, distributions, precision-recall curves and text.

Both loaders have to give the same answers, the same for a run that was killed or interrupted and
resumed as for one that was not, and these have to agree with each other: the curve and the tables
of an evaluation with its scalars."""
import pathlib
import re
import sys
import urllib.request

import needs

needs.packages("tensorboard")

from findings import expect, tell
from tensorboard_server import Server

RUNS = ["interrupted", "killed", "plain"]
EVALUATIONS = {"validation": [20, 40, 60], "test": [60]}
VARIABLES = ["final_fc_bias", "final_fc_weights", "first_bias", "first_weights"]
HISTOGRAMS = [f"{group}/{name}" for group in ("weights", "weights_gradients")
              for name in VARIABLES]
N_WEIGHTS = {"first_weights": 640, "first_bias": 8, "final_fc_bias": 4}  # of tiny_conv
WORDS = ["yes", "no"]
N_THRESHOLDS = 201


def tags_of(server, plugin):
    """{run: sorted tags}, of runs that have any"""
    return {run: sorted(tags) for run, tags in
            server.get(f"plugin/{plugin}/tags").items() if tags}


def ask_pages(server, plugin):
    """{run: {tag: [(step, rest)]}} of a page whose points are lists that begin with the time"""
    return {run: {tag: [(point[1], point[2]) for point in
                        server.get(f"plugin/{plugin}/{plugin}", run=run, tag=tag)]
                  for tag in tags}
            for run, tags in tags_of(server, plugin).items()}


def ask_texts(server):
    return {run: {tag: [(point["step"], point["text"]) for point in
                        server.get("plugin/text/text", run=run, tag=tag)] for tag in tags}
            for run, tags in tags_of(server, "text").items()}


def ask_curves(server):
    return {run: {tag: [(one["step"], one["precision"], one["recall"], one["true_positives"])
                        for one in server.get("plugin/pr_curves/pr_curves", run=run, tag=tag)[run]]
                  for tag in tags}
            for run, tags in tags_of(server, "pr_curves").items()}


def ask_charts(server):
    """The layout, and how many curves each of its charts has in each part of the plain run."""
    layout = server.get("plugin/custom_scalars/layout")
    charts = [chart for category in layout["category"] for chart in category["chart"]]
    return layout, {(chart["title"], part):
                    len(server.get("plugin/custom_scalars/scalars", run=f"plain/{part}",
                                   tag=chart["multiline"]["tag"][0])["tag_to_events"])
                    for chart in charts for part in ("train", "validation", "test")}


def ask(logdir, loader):
    with Server(logdir, loader) as server:
        for run in RUNS:
            server.wait_for_point(f"{run}/train", "eval/accuracy", 60)
            server.wait_for_point(f"{run}/test", "eval/accuracy", 60)
        layout, n_curves = ask_charts(server)
        answers = {
            "layout": layout,
            "curves in charts": n_curves,
            "histograms": ask_pages(server, "histograms"),
            "distributions": ask_pages(server, "distributions"),
            "pr_curves": ask_curves(server),
            "text": ask_texts(server),
            "recall": {f"{run}/{part}": {word: dict(server.scalars(f"{run}/{part}",
                                                                   f"eval_recall/{word}"))
                                         for word in WORDS}
                       for run in RUNS for part in EVALUATIONS},
        }
        expect(f"{loader}: complaints", server.complaints(), [])
    return answers


def check_charts(answers):
    titles = [(category["title"], [chart["title"] for chart in category["chart"]])
              for category in answers["layout"]["category"]]
    expect("charts", titles, [("Training and validation", ["Accuracy", "Cross entropy"]),
                              ("All words", ["Recall", "Precision"])])
    n_curves = answers["curves in charts"]
    for title, n in (("Accuracy", 1), ("Cross entropy", 1), ("Recall", 4)):
        for part in EVALUATIONS:
            expect(f"curves of {part} in {title}", n_curves[title, part], n)
    expect("curves of train in Accuracy", n_curves["Accuracy", "train"], 1)


def check_histograms(answers):
    for run in RUNS:
        shown = answers["histograms"].get(f"{run}/train", {})
        expect(f"{run}: histograms", sorted(shown), HISTOGRAMS)
        expect(f"{run}: distributions", sorted(answers["distributions"].get(f"{run}/train", {})),
               HISTOGRAMS)
        for tag, points in shown.items():
            expect(f"{run} {tag}: steps", [step for step, _ in points], [20, 40, 60])
            for step, buckets in points:
                n = sum(count for _, _, count in buckets)
                want = N_WEIGHTS.get(tag.split("/")[1], n)
                expect(f"{run} {tag} at {step}: values", (n > 0, n), (True, want))


def check_curves(answers):
    for run in RUNS:
        for part, steps in EVALUATIONS.items():
            folder = f"{run}/{part}"
            shown = answers["pr_curves"].get(folder, {})
            expect(f"{folder}: curves", sorted(shown), ["pr/no", "pr/yes"])
            for tag, points in shown.items():
                expect(f"{folder} {tag}: steps", [point[0] for point in points], steps)
                for step, precision, recall, n_found in points:
                    # the page cuts off thresholds that nothing reaches; the lowest finds all
                    expect(f"{folder} {tag} at {step}: lowest", (max(recall), len(recall) <= 201),
                           (1.0, True))
                    expect(f"{folder} {tag} at {step}: lengths",
                           (len(precision), len(n_found)), (len(recall), len(recall)))


def check_tables(answers):
    """The share of each word in the table is its recall on the page of scalars."""
    for run in RUNS:
        for part, steps in EVALUATIONS.items():
            folder = f"{run}/{part}"
            texts = answers["text"].get(folder, {})
            expect(f"{folder}: texts", sorted(texts),
                   ["confusion/matrix", "confusion/worst", "review/mistakes"])
            for tag, points in texts.items():
                expect(f"{folder} {tag}: steps", sorted(step for step, _ in points), steps)
            for step, html in texts.get("confusion/matrix", []):
                for word in WORDS:
                    row = re.search(rf"<td><code>{word}</code></td>.*?</tr>", html, re.S)
                    share = re.findall(r"<td>([\d.]+) %</td>", row[0])[-1]
                    recall = answers["recall"][folder][word][step]
                    expect(f"{folder} {word} at {step}: recall", share, f"{100 * recall:.1f}")
                expect(f"{folder} at {step}: labels as they are",
                       html.count("<code>_silence_</code>"), 2)


def check_texts(answers):
    for run in RUNS:
        texts = answers["text"].get(run, {})
        expect(f"{run}: texts", sorted(texts), ["run/command", "run/data", "run/settings"])
        commands = sorted(texts.get("run/command", []))
        expect(f"{run}: commands", len(commands), 1 if run == "plain" else 2)
        for step, html in commands:
            expect(f"{run}: command at {step}", "<pre><code>wordspot train" in html, True)
            expect(f"{run}: command at {step} resumes", "--start_checkpoint" in html, step > 1)
        for tag in ("run/data", "run/settings"):
            expect(f"{run} {tag}: steps", [step for step, _ in texts.get(tag, [])], [1])
        settings = texts.get("run/settings", [(1, "")])[0][1]
        expect(f"{run}: settings", bool(re.search(
            r"<td><code>--batch_size</code></td>\s*<td><code>50</code></td>", settings)), True)
        data = texts.get("run/data", [(1, "")])[0][1]
        expect(f"{run}: labels", re.findall(r"<td>(\d+)</td>\s*<td><code>(\w+)</code></td>", data),
               [("0", "_silence_"), ("1", "_unknown_"), ("2", "yes"), ("3", "no")])


def check_equal_runs(answers):
    for plugin, parts in (("histograms", ["train"]), ("distributions", ["train"]),
                          ("pr_curves", EVALUATIONS), ("text", EVALUATIONS)):
        for run in RUNS[:-1]:
            for part in parts:
                expect(f"{plugin} of {run}/{part} as of plain",
                       answers[plugin].get(f"{run}/{part}"), answers[plugin].get(f"plain/{part}"))


def main():
    logdir = pathlib.Path(sys.argv[1])
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    answers = {loader: ask(logdir, loader) for loader in ("fast", "slow")}
    for found in answers.values():
        for check in (check_charts, check_histograms, check_curves, check_tables, check_texts,
                      check_equal_runs):
            check(found)
    for page in answers["fast"]:
        expect(f"{page} in both loaders", answers["fast"][page], answers["slow"][page])
    tell(f"{', '.join(answers['fast'])}: the same in both loaders and in all of {', '.join(RUNS)}")


if __name__ == "__main__":
    main()
