#!/usr/bin/env python3
"""test_graph_pages.py LOGDIR SCREENSHOTS: the graphs, their measured times and the projector of the
runs of make_logs.sh, as TensorBoard gives them.

First what both of its loaders answer, then the two pages in a browser, of which screenshots stay in
SCREENSHOTS: graphs_times.png, coloured by compute time, and projector.png, coloured by word."""
import io
import pathlib
import re
import sys
import time
import urllib.request

import needs

needs.packages("tensorboard", "selenium", "PIL")

from PIL import Image

from browser import COMPUTE_TIME, browser_on, console_errors, missing_program, run_script, shown
from findings import expect, tell
from tensorboard_server import Server, wait_until

RUNS = ["interrupted", "killed", "plain"]
# tiny_conv of yes and no: where to find a few things. The width of its words' clips is 98 x 40.
LAYERS = ["features", "input", "conv_1", "dense_2", "loss", "gradients", "update"]
SHAPES = {"features/Mfcc": [-1, 98, 40], "input/Reshape": [-1, 98, 40, 1],
          "conv_1/Conv2D": [-1, 49, 20, 8], "dense_2/MatMul": [-1, 4], "Softmax": [-1, 4]}
N_PARAMETERS = 10 * 8 * 8 + 8 + 49 * 20 * 8 * 4 + 4
COLUMNS = ["word", "heard", "result", "confidence", "speaker", "file"]
WORDS = {"_silence_", "_unknown_", "yes", "no"}
COLOURS = """return Object.fromEntries(deep('tf-graph-scene > g.node').map(node => [
    node.getAttribute('data-name'),
    getComputedStyle(all('.nodeshape rect, .nodeshape ellipse', node)[0]).fill]))"""
BY_WORD = """
const panel = deep('vz-projector-data-panel')[0];
panel.selectedColorOptionName = 'word';
"""


def parse(text):
    """A message in protobuf's text form: {field: [value, ...]}, messages as such again."""
    tokens = re.findall(r'"(?:\\.|[^"\\])*"|[{}]|[\w.+-]+|:', text)

    def message(i):
        fields = {}
        while i < len(tokens) and tokens[i] != "}":
            name = tokens[i]
            i += 1
            if tokens[i] == ":":
                value, i = tokens[i + 1].strip('"'), i + 2
            else:
                value, i = message(i + 1)
            fields.setdefault(name, []).append(value)
        return fields, i + 1
    return message(0)[0]


def attributes(node):
    return {one["key"][0]: one["value"][0] for one in node.get("attr", [])}


def ask_run(server, run):
    place = f"{run}/train"
    info = server.get("plugin/graphs/info")[place]
    tags = sorted(info["tags"], key=lambda tag: int(tag.split()[1]))
    return {
        "tags": tags,
        "graph": server.get_bytes("plugin/graphs/graph", run=place, conceptual="false",
                                  limit_attr_size=4096, large_attrs_key="large").decode(),
        "times": {tag: server.get_bytes("plugin/graphs/run_metadata", run=place, tag=tag).decode()
                  for tag in tags},
    }


def ask_points(server, run):
    place = f"{run}/validation"
    info = server.get("plugin/projector/info", run=place)
    name = info["embeddings"][0]["tensorName"]
    return {
        "info": info,
        "tensor": server.get_bytes("plugin/projector/tensor", run=place, name=name),
        "metadata": server.get_bytes("plugin/projector/metadata", run=place, name=name).decode(),
        "sprite": server.get_bytes("plugin/projector/sprite_image", run=place, name=name),
    }


def ask(logdir, loader):
    with Server(logdir, loader) as server:
        def has_all():
            info = server.get("plugin/graphs/info")
            return all("step 60" in info.get(f"{run}/train", {}).get("tags", {}) for run in RUNS)
        wait_until(has_all, 60)
        wait_until(lambda: len(server.get("plugin/projector/runs")) == len(RUNS), 60)
        answers = {"with graphs": sorted(run for run, info in
                                         server.get("plugin/graphs/info").items()
                                         if info["run_graph"]),
                   "with points": sorted(server.get("plugin/projector/runs"))}
        for run in RUNS:
            answers[run] = {**ask_run(server, run), **ask_points(server, run)}
    return answers


def check_graph(run, text):
    nodes = {node["name"][0]: node for node in parse(text)["node"]}
    expect(f"{run}: boxes", sorted({name.split("/")[0] for name in nodes}),
           sorted(LAYERS + ["Softmax", "labels"]))
    for name, node in nodes.items():
        missing = [one for one in node.get("input", []) if one not in nodes]
        expect(f"{run}: what {name} reads and is not there", missing, [])
    for name, want in SHAPES.items():
        shape = attributes(nodes[name])["_output_shapes"]["list"][0]["shape"][0]
        expect(f"{run}: shape of {name}", [int(dim["size"][0]) for dim in shape["dim"]], want)
    n_parameters = sum(int(attributes(node)["parameters"]["i"][0]) for node in nodes.values()
                       if "parameters" in attributes(node))
    expect(f"{run}: parameters", n_parameters, N_PARAMETERS)
    return nodes


def check_times(what, text, nodes):
    """Every node is there; one starts where the one before ends, so that they sum to the step."""
    device = parse(text)["step_stats"][0]["dev_stats"][0]
    stats = {one["node_name"][0]: one for one in device["node_stats"]}
    expect(f"{what}: nodes", sorted(stats), sorted(nodes))
    expect(f"{what}: device", device["device"][0].endswith("device:CPU:0"), True)
    spans = sorted((int(one["all_start_micros"][0]), int(one["all_end_rel_micros"][0]))
                   for one in stats.values() if "all_end_rel_micros" in one)
    expect(f"{what}: begins", spans[0][0], 1)
    for (start, duration), (following, _) in zip(spans, spans[1:]):
        expect(f"{what}: what follows {start}", following, start + duration)
    for name in ("features/Mfcc", "conv_1/Conv2D", "gradients/conv_1"):
        expect(f"{what}: {name} takes time", "all_end_rel_micros" in stats[name], True)
    expect(f"{what}: of Relu none", "all_end_rel_micros" in stats["conv_1/Relu"], False)


def check_points(run, found):
    embedding = found["info"]["embeddings"][0]
    n_points, n_dims = embedding["tensorShape"]
    rows = [line.split("\t") for line in found["metadata"].rstrip("\n").split("\n")]
    expect(f"{run}: embedding", (embedding["tensorName"], n_dims), ("logits", 4))
    expect(f"{run}: bytes of vectors", len(found["tensor"]), n_points * n_dims * 4)
    expect(f"{run}: columns", rows[0], COLUMNS)
    expect(f"{run}: rows", (len(rows) - 1, {len(row) for row in rows}), (n_points, {len(COLUMNS)}))
    expect(f"{run}: words", {row[0] for row in rows[1:]}, WORDS)
    expect(f"{run}: results", [row[2] for row in rows[1:]],
           ["right" if row[0] == row[1] else "wrong" for row in rows[1:]])
    width, height = embedding["sprite"]["singleImageDim"]
    sprite = Image.open(io.BytesIO(found["sprite"]))
    sprite.load()  # a broken file raises
    side = next(n for n in range(1, n_points + 1) if n * n >= n_points)
    expect(f"{run}: sprite", sprite.size, (side * width, -(-n_points // side) * height))
    expect(f"{run}: is something drawn", len(sprite.convert("RGB").getcolors(256)) > 8, True)


def check_answers(loader, answers):
    expect(f"{loader}: with graphs", answers["with graphs"], [f"{run}/train" for run in RUNS])
    expect(f"{loader}: with points", answers["with points"], [f"{run}/validation" for run in RUNS])
    for run in RUNS:
        found, what = answers[run], f"{loader} {run}"
        expect(f"{what}: tags", found["tags"], ["step 20", "step 40", "step 60"])
        nodes = check_graph(what, found["graph"])
        for tag, text in found["times"].items():
            check_times(f"{what} {tag}", text, nodes)
        check_points(what, found)
    for run in RUNS[:-1]:  # stopped and resumed, it ends at the same place
        for part in ("graph", "tensor", "metadata", "sprite"):
            expect(f"{loader}: {part} of {run} as of plain", answers[run][part],
                   answers["plain"][part])


def look_at_graph(window, url, screenshots):
    window.get(f"{url}#graphs")
    wait_until(lambda: shown(window, "tf-graph-scene > g.node", (20, 10)) >= len(LAYERS), 30)
    before = run_script(window, COLOURS)
    run_script(window, COMPUTE_TIME)
    wait_until(lambda: run_script(window, COLOURS) != before, 20)
    time.sleep(3)
    colours = run_script(window, COLOURS)
    window.save_screenshot(str(screenshots / "graphs_times.png"))
    expect("graphs: boxes", sorted(set(LAYERS) - set(colours)), [])
    expect("graphs: the way back and the input's shape differ by time",
           colours["gradients"] != colours["input"], True)


def look_at_points(window, url, screenshots):
    window.get("about:blank")
    window.get(f"{url}#projector")
    for _ in range(2):  # documents within documents
        frame = wait_until(lambda: run_script(window, "return deep('iframe')[0]"), 30)
        window.switch_to.frame(frame)
    wait_until(lambda: shown(window, "canvas", (300, 300)), 30)
    options = "return (deep('vz-projector-data-panel')[0].colorOptions || []).map(o => o.name)"
    wait_until(lambda: "word" in run_script(window, options), 30)
    expect("projector: to colour by", [name for name in
                                       run_script(window, options)
                                       if name in COLUMNS], COLUMNS)
    run_script(window, BY_WORD)
    time.sleep(5)
    expect("projector: canvases", shown(window, "canvas", (300, 300)) > 0, True)
    window.switch_to.default_content()
    window.save_screenshot(str(screenshots / "projector.png"))


def look(logdir, screenshots):
    screenshots.mkdir(parents=True, exist_ok=True)
    with browser_on(logdir, "plain/test", "eval/accuracy", 60) as (window, url):
        look_at_graph(window, url, screenshots)
        look_at_points(window, url, screenshots)
        expect("console", console_errors(window), [])


def main():
    logdir, screenshots = (pathlib.Path(argument) for argument in sys.argv[1:3])
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    for loader in ("fast", "slow"):
        check_answers(loader, ask(logdir, loader))
    if missing_program():
        print(f"not looked at: no {missing_program()}")
    else:
        look(logdir, screenshots)
    tell(f"{len(RUNS)} runs: graphs, times and points in both loaders; see {screenshots}")


if __name__ == "__main__":
    main()
