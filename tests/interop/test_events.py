#!/usr/bin/env python3
"""test_events.py LOGDIR: what TensorBoard makes of what make_events.c writes with tbevents.

Both of its loaders have to give the same answers for each kind of data, and these have to be what
was written."""
import io
import json
import math
import pathlib
import sys
import urllib.request
import wave

import needs

needs.packages("tensorboard", "PIL")

from PIL import Image

from findings import expect, tell
from tensorboard_server import Server, wait_until

STEPS = [1, 2, 3, 4, 5]
RUNS = [".", "all", "first", "first/validation", "resumed", "second", "second/validation"]
N_POINTS, N_DIMS, THUMB = 200, 8, 16


def tags_of(server, plugin):
    return server.get(f"plugin/{plugin}/tags").get("all", {})


def points_of(server, plugin, tag):
    """[(step, rest)] of a page whose points are lists"""
    return [tuple(point[1:]) for point in
            server.get(f"plugin/{plugin}/{plugin}", run="all", tag=tag)]


def ask_scalars(server):
    tags = tags_of(server, "scalars")
    for tag, info in tags.items():  # one loader leaves it to the page to fill in the tag
        info["displayName"] = info["displayName"] or tag
    return {"tags": tags,
            "points": {tag: server.scalars("all", tag) for tag in tags},
            "resumed": server.scalars("resumed", "metrics/loss")}


def ask_images(server):
    return {"tags": tags_of(server, "images"),
            "pictures": server.images("all", "pictures/shades")}


def ask_audio(server):
    tag = "sounds/tone"
    listed = server.get("plugin/audio/audio", run="all", tag=tag, sample=0)
    return {"tags": tags_of(server, "audio"),
            "types": [one["contentType"] for one in listed],
            "sounds": [(one["step"], server.get_bytes("plugin/audio/individualAudio?" +
                                                      one["query"])) for one in listed]}


def ask_histograms(server):
    pages = {}
    for plugin in ("histograms", "distributions"):
        pages[plugin] = {tag: points_of(server, plugin, tag) for tag in tags_of(server, plugin)}
    return pages


def ask_text(server):
    tags = server.get("plugin/text/tags").get("all", {})
    return {tag: [(one["step"], one["text"]) for one in
                  server.get("plugin/text/text", run="all", tag=tag)] for tag in sorted(tags)}


def ask_curves(server):
    curves = server.get("plugin/pr_curves/pr_curves", run="all", tag="words/yes")["all"]
    return [{key: value for key, value in curve.items() if key != "wall_time"}
            for curve in curves]


def ask_graph(server):
    return {"info": server.get("plugin/graphs/info"),
            "graph": server.get_bytes("plugin/graphs/graph", run="all", conceptual="false",
                                      limit_attr_size=1024,
                                      large_attrs_key="_too_large_attrs").decode(),
            "times": server.get_bytes("plugin/graphs/run_metadata", run="all",
                                      tag="step 5").decode()}


def post(server, path, body):
    request = urllib.request.Request(f"{server.url}data/{path}", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def ask_hparams(server):
    experiment = post(server, "plugin/hparams/experiment",
                      {"experimentName": "", "includeMetrics": True})
    groups = post(server, "plugin/hparams/session_groups", {
        "experimentName": "", "startIndex": 0, "sliceSize": 100,
        "aggregationType": "AGGREGATION_AVG", "includeMetrics": True,
        "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE"],
        "colParams": [{"hparam": one["name"], "includeInResult": True}
                      for one in experiment["hparamInfos"]] +
                     [{"metric": one["name"], "includeInResult": True}
                      for one in experiment["metricInfos"]]})
    return experiment, {
        group["name"]: (group["hparams"],
                        {(value["name"].get("group", ""), value["name"]["tag"]): value["value"]
                         for value in group["metricValues"]},
                        [session["status"] for session in group["sessions"]])
        for group in groups["sessionGroups"]}


def ask_projector(server):
    pages = {"runs": server.get("plugin/projector/runs")}
    pages["info"] = server.get("plugin/projector/info", run="all")
    for name in ("as_text", "as_bytes"):
        pages[name] = (server.get_bytes("plugin/projector/tensor", run="all", name=name),
                       server.get_bytes("plugin/projector/metadata", run="all", name=name).decode(),
                       server.get_bytes("plugin/projector/sprite_image", run="all", name=name))
    return pages


def ask(logdir, loader):
    """All answers of a server, once it has read everything."""
    with Server(logdir, loader) as server:
        server.wait_for_point("all", "metrics/loss", 5)
        server.wait_for_point("resumed", "metrics/loss", 7)
        for run in ("first", "second"):
            server.wait_for_point(f"{run}/validation", "accuracy", 5)
        wait_until(lambda: "step 5" in server.get("plugin/graphs/info").get("all", {})
                   .get("tags", {}), 60)
        answers = {"runs": sorted(server.get("runs")), "scalars": ask_scalars(server),
                   "images": ask_images(server), "audio": ask_audio(server),
                   "histograms": ask_histograms(server), "text": ask_text(server),
                   "curves": ask_curves(server), "graph": ask_graph(server),
                   "layout": server.get("plugin/custom_scalars/layout"),
                   "hparams": ask_hparams(server), "projector": ask_projector(server)}
        expect(f"{loader}: loader is fast", "experimental fast data" in server.output(),
               loader == "fast")
        expect(f"{loader}: complaints", server.complaints(), [])
    return answers


def check_scalars(found):
    expect("scalars", sorted(found["tags"]), ["metrics/accuracy", "metrics/loss", "odd/grüß"])
    expect("title", found["tags"]["metrics/loss"]["displayName"], "The loss")
    expect("description", "-log(p)" in found["tags"]["metrics/loss"]["description"], True)
    expect("steps", [step for step, _ in found["points"]["metrics/loss"]], STEPS)
    for step, value in found["points"]["metrics/loss"]:
        expect(f"loss at {step}", math.isclose(value, 1 / step, rel_tol=1e-6), True)
    expect("not a number", found["points"]["odd/grüß"][2], (3, "NaN"))
    expect("the resumed run", found["resumed"],
           [(1, 1), (2, 2), (3, 13), (4, 14), (5, 15), (6, 16), (7, 17)])


def check_media(images, audio):
    expect("pictures", [step for step, _ in images["pictures"]], STEPS)
    for step, file in images["pictures"]:
        picture = Image.open(io.BytesIO(file)).convert("RGB")
        expect(f"size at {step}", picture.size, (350, 350))
        expect(f"a pixel at {step}", picture.getpixel((100, 200)),
               (100 * 255 // 350, 200 * 255 // 350, 50 * step))
    expect("sounds", [step for step, _ in audio["sounds"]], STEPS)
    expect("types of sounds", set(audio["types"]), {"audio/wav"})
    expect("described", "440 Hz" in audio["tags"]["sounds/tone"]["description"], True)
    for step, file in audio["sounds"]:
        sound = wave.open(io.BytesIO(file))
        expect(f"sound at {step}", (sound.getframerate(), sound.getnchannels(),
                                    sound.getsampwidth(), sound.getnframes()), (16000, 2, 2, 8000))
        frame = sound.readframes(1)
        expect(f"frame at {step}", int.from_bytes(frame[2:], "little"), round(8192 * step / 5))


def check_histograms(found):
    expect("histograms", sorted(found["histograms"]), ["weights/counted", "weights/dense"])
    expect("distributions", sorted(found["distributions"]), ["weights/counted", "weights/dense"])
    for step, buckets in found["histograms"]["weights/counted"]:
        expect(f"buckets at {step}", buckets, [[0, 1, 30], [1, 2, 10], [2, 4, 5]])
    expect("steps of histograms", [p[0] for p in found["histograms"]["weights/dense"]], STEPS)
    for step, buckets in found["histograms"]["weights/dense"]:
        expect(f"number of buckets at {step}", len(buckets), 30)
        expect(f"values at {step}", sum(bucket[2] for bucket in buckets), 1000)


def check_text(found):
    expect("texts", sorted(found), ["notes/command", "notes/table"])
    command, table = found["notes/command"][0][1], found["notes/table"][0][1]
    expect("Markdown", "<em>run</em>" in command and "<td>1</td>" in command, True)
    expect("table", "<code>_silence_</code>" in table and "<strong>419</strong>" in table and
           table.count("<tr>") == 3, True)


def check_curves(curves):
    expect("curves", [curve["step"] for curve in curves], STEPS)
    for curve in curves:
        expect("at the threshold 0", (curve["true_positives"][0], curve["false_positives"][0],
                                      curve["recall"][0]), (334, 666, 1))
        expect("thresholds", curve["thresholds"][0], 0)
        expect("recall falls", curve["recall"], sorted(curve["recall"], reverse=True))


def check_graph(found):
    expect("runs with graphs", [run for run, info in found["info"].items()
                                if info.get("run_graph")], ["all"])
    for part in ('name: "conv/conv"', 'op: "Conv2D"', 'input: "clip"', "i: 10240", "size: 98",
                 'key: "_output_shapes"', "f: 0.5", "b: true", 's: "SAME"'):
        expect(f"graph has {part}", part in found["graph"], True)
    expect("nodes", found["graph"].count("\nnode {") + found["graph"].startswith("node {"), 4)
    for part in ("device:CPU:0", 'node_name: "conv/conv"', "all_end_rel_micros: 2500",
                 "total_bytes: 1003520"):
        expect(f"times have {part}", part in found["times"], True)


def check_layout(layout):
    charts = [(category["title"], [chart["title"] for chart in category["chart"]])
              for category in layout["category"]]
    expect("layout", charts, [("progress", ["both", "band"])])
    both, band = layout["category"][0]["chart"]
    expect("lines", both["multiline"]["tag"], ["metrics/.*"])
    expect("band", band["margin"]["series"],
           [{"value": "metrics/accuracy", "lower": "metrics/loss", "upper": "odd/grüß"}])


def check_hparams(found):
    experiment, groups = found
    infos = {info["name"]: info for info in experiment["hparamInfos"]}
    expect("hyperparameters", sorted(infos), ["augment", "learning_rate", "model"])
    expect("interval", infos["learning_rate"]["domainInterval"],
           {"minValue": 1e-4, "maxValue": 1e-1})
    expect("values", infos["model"]["domainDiscrete"], ["conv", "fc"])
    expect("types", [infos[name]["type"] for name in sorted(infos)],
           ["DATA_TYPE_BOOL", "DATA_TYPE_FLOAT64", "DATA_TYPE_STRING"])
    expect("trials", groups, {
        "first": ({"learning_rate": 0.01, "model": "conv", "augment": True},
                  {("", "best_accuracy"): 0.75, ("validation", "accuracy"): 0.75},
                  ["STATUS_SUCCESS"]),
        "second": ({"learning_rate": 0.001, "model": "fc", "augment": False},
                   {("", "best_accuracy"): 0.25, ("validation", "accuracy"): 0.25},
                   ["STATUS_FAILURE"])})


def check_projector(found):
    expect("runs of the projector", found["runs"], ["all"])
    embeddings = {one["tensorName"]: one for one in found["info"]["embeddings"]}
    expect("embeddings", sorted(embeddings), ["as_bytes", "as_text"])
    for name, one in embeddings.items():
        expect(f"{name}: shape", one["tensorShape"], [N_POINTS, N_DIMS])
        expect(f"{name}: thumbnails", one["sprite"]["singleImageDim"], [THUMB, THUMB])
    for name in embeddings:
        tensor, labels, sprite = found[name]
        expect(f"{name}: bytes", len(tensor), 4 * N_POINTS * N_DIMS)
        expect(f"{name}: labels", labels.splitlines()[:3], ["word\tspeaker", "yes\ta", "no\tb"])
        picture = Image.open(io.BytesIO(sprite)).convert("RGB")
        expect(f"{name}: sheet", picture.size, (15 * THUMB, 14 * THUMB))
        expect(f"{name}: a pixel of thumbnail 17", picture.getpixel((2 * THUMB + 1, THUMB)),
               (30, 60, 160))
    expect("text and bytes are the same", found["as_text"][0], found["as_bytes"][0])


def main():
    logdir = pathlib.Path(sys.argv[1])
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    answers = {loader: ask(logdir, loader) for loader in ("fast", "slow")}
    for kind, found in answers["fast"].items():
        expect(f"{kind} in both loaders", answers["slow"][kind], found)
    found = answers["fast"]
    expect("runs", found["runs"], RUNS)
    check_scalars(found["scalars"])
    check_media(found["images"], found["audio"])
    check_histograms(found["histograms"])
    check_text(found["text"])
    check_curves(found["curves"])
    check_graph(found["graph"])
    check_layout(found["layout"])
    check_hparams(found["hparams"])
    check_projector(found["projector"])
    tell(f"{len(found)} kinds of data: both loaders show what was written")


if __name__ == "__main__":
    main()
