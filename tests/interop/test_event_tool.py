#!/usr/bin/env python3
"""test_event_tool.py LOGDIR WORDSPOT SHARED SCRATCH: `wordspot events` against TensorBoard.

`check` against files with one defect each: what it finds, what the judge in SHARED finds, and what
both loaders really do with them; then `repair`, after which both loaders have to show the same.
`csv` against TensorBoard's own accumulator, on the runs in LOGDIR."""
import csv
import io
import pathlib
import shutil
import struct
import subprocess
import sys

import needs

needs.packages("tensorboard")

from tensorboard.backend.event_processing import plugin_event_accumulator
from tensorboard.util import tensor_util

import event_defects as defects
from findings import expect, failures, tell
from tensorboard_server import Server, wait_until

logdir, wordspot, shared, scratch = (pathlib.Path(path) for path in sys.argv[1:])
STEPS = [1, 2, 3, 4, 5]


def events(*arguments):
    """@return exit code and standard output; what is on standard error is a failure"""
    done = subprocess.run([wordspot, "events", *map(str, arguments)], capture_output=True,
                          text=True, timeout=60)
    if done.stderr:
        failures.append(f"events {' '.join(map(str, arguments))}: {done.stderr}")
    return done.returncode, done.stdout


def find_defects(run):
    """@return exit code and names of the rules"""
    code, output = events("check", "--tsv", "--most=0", run)
    rows = csv.reader(io.StringIO(output), delimiter="\t", quoting=csv.QUOTE_NONE)
    return code, {row[2] for row in rows if row[1] == "defect"}


def accumulate(run):
    """TensorBoard's Python loader, without sampling."""
    accumulator = plugin_event_accumulator.EventAccumulator(
        str(run), size_guidance={"tensors": 0}, tensor_size_guidance={"scalars": 0})
    accumulator.Reload()
    return accumulator


def points_in_python(run, tag="m/good"):
    """[(step, value)] or "error" """
    try:
        accumulator = accumulate(run)
        return [(one.step, tensor_util.make_ndarray(one.tensor_proto).item())
                for one in accumulator.Tensors(tag)]
    except Exception:  # whatever it trips over
        return "error"


def all_in_python(run):
    """What Python's loader keeps of a run: a set of (tag, step, value), numbers as floats"""
    found = set()
    try:
        accumulator = accumulate(run)
    except Exception:  # whatever it trips over
        return found
    for tag in accumulator.Tags()["tensors"]:
        for one in accumulator.Tensors(tag):
            if one.tensor_proto.dtype == defects.STRING:
                found.add((tag, one.step, str(one.tensor_proto.string_val)))
                continue
            try:
                made = tensor_util.make_ndarray(one.tensor_proto)
            except Exception:  # which no page shows
                continue
            found.add((tag, one.step, str(made.astype("float32").item() if made.size == 1
                                          else made.tolist())))
    return found


def loses(before, after):
    """What is no more there, under its tag or the tag that a second kind of value gets."""
    return {(tag, step, made) for tag, step, made in before
            if not any(step == s and made == m and (t == tag or t.startswith(tag + "_"))
                       for t, s, m in after)}


def check_nothing_lost(name, folder, repaired, report):
    """Whatever Python's loader shows before is there after, but for what the report counts."""
    after = set().union(*map(all_in_python, {path.parent for path in
                                             (repaired / name).rglob("*tfevents*")}))
    lost = loses(all_in_python(folder / name), after)
    reason = defects.LEFT_OUT.get(name)
    if reason is None:
        expect(f"{name}: lost", lost, set())
    else:
        part = report[report.index(str(folder / name)):]
        expect(f"{name}: the reason is there", reason in part[:part.index("\n", part.index(reason))]
               if reason in part else False, True)


def points_in_rust(folder, names):
    """Of the default loader: {case: [(step, value)]}, and the tags that it shows as scalars. It
    reads all runs within a cycle, so they are asked for until they stay the same."""
    def ask():
        return ({name: server.scalars(name, "m/good") for name in names},
                {name: set(tags) for name, tags in server.get("plugin/scalars/tags").items()})
    with Server(folder, "fast") as server:
        server.wait_for_point("clean", "m/good", 5)
        wait_until(lambda: len(server.get("plugin/scalars/tags")) == len(names), 30)
        before = ask()
        for _ in range(20):
            now = ask()
            if now == before:
                break
            before = now
        expect("the fast loader", "experimental fast data" in server.output(), True)
        return now


def steps_of(points):
    return points if points == "error" else [step for step, _ in points]


def check_judge(name, paths, ours):
    sys.path.insert(0, str(shared / "judge"))
    import strict_events
    found = [text for path in paths for text in strict_events.File(str(path)).bad]
    expected = (bool(ours) or name in defects.JUDGE_BAD) and name not in defects.JUDGE_NOTES
    expect(f"{name}: the judge says {found}, and we {ours or 'nothing'}", bool(found), expected)
    return found


def check_cases(folder):
    has_judge = (shared / "judge" / "strict_events.py").exists()
    if not has_judge:
        print("no judge in", shared)
    paths = defects.write(folder)
    for name, (_, rules) in defects.CASES.items():
        code, found = find_defects(folder / name)
        expect(f"{name}: defects", found, rules)
        expect(f"{name}: exit code of check", code, 1 if rules else 0)
        if has_judge:
            check_judge(name, paths[name], found)
        expect(f"{name}: Python's loader", steps_of(points_in_python(folder / name)),
               defects.PYTHON_SHOWS.get(name, STEPS))
    shown, tags = points_in_rust(folder, list(paths))
    for name, points in shown.items():
        expect(f"{name}: the fast loader", steps_of(points), defects.RUST_SHOWS.get(name, STEPS))
    for name in defects.RUST_HIDES:
        expect(f"{name}: tags in the fast loader", tags[name], {"m/good"})
        expect(f"{name}: in Python's loader", steps_of(points_in_python(folder / name, "m/bad")),
               defects.RUST_HIDES[name])


WRITERS = ["two_writers/writer_2", "two_writers_with_starts/writer_2"]


def repaired_points(name):
    return [(step, float(step)) for step in defects.REPAIRED.get(name, STEPS)]


def shown_histograms(folder, run):
    with Server(folder, "fast") as server:
        return set(wait_until(lambda: server.get("plugin/histograms/tags").get(run), 30) or ())


def check_shared_cases(scratch):
    """Two writers, and tensors, as TensorFlow wrote them."""
    cases = shared / "cases"
    if not (cases / "two_writers").exists():
        print("no cases in", shared)
        return
    for name in ("two_writers/run", "tensors"):
        output = scratch / "cases" / name
        code, report = events("repair", cases / name, f"--output={output}")
        expect(f"{name}: exit code of repair: {report}", code, 0)
        after = set().union(*map(all_in_python, {path.parent for path in
                                                 output.rglob("*tfevents*")}))
        expect(f"{name}: lost", loses(all_in_python(cases / name), after), set())
    with Server(scratch / "cases", "fast") as server:
        wait_until(lambda: len(server.get("plugin/scalars/tags")) == 3, 30)
        tags = server.get("plugin/scalars/tags")
        count = {run: {tag: len(server.scalars(run, tag)) for tag in tags[run]} for run in tags}
    expect("in the fast loader", count,
           {"two_writers/run": {"loss": 100}, "two_writers/run/writer_2": {"loss": 10, "acc": 10},
            "tensors": dict.fromkeys(("f16", "bf16", "i64", "f64", "w16"), 5)})


def check_merged(folder, output):
    """Both loaders show the four runs that two runs become."""
    code, _ = events("merge", folder / "clean", folder / "double", f"--output={output}")
    expect("exit code of merge", code, 0)
    wanted = {name: [(step, 0.0 if name == "spread" else float(step)) for step in STEPS]
              for name in ("mean", "spread", "least", "largest")}
    expect("merged, in Python's loader", {name: points_in_python(output / name) for name in wanted},
           wanted)
    with Server(output, "fast") as server:
        server.wait_for_point("largest", "m/good", 5)
        wait_until(lambda: len(server.get("plugin/scalars/tags")) == 4, 30)
        expect("merged, in the fast loader",
               {name: server.scalars(name, "m/good") for name in wanted}, wanted)


def check_repaired(folder, repaired):
    before = {path: path.read_bytes() for path in folder.rglob("*tfevents*")}
    code, output = events("repair", folder, f"--output={repaired}")
    expect("exit code of repair, as some things are left", code, 1)
    expect("what was read is as it was", {path: path.read_bytes() for path in before}, before)
    for name in defects.CASES:
        left = name in defects.NOT_REPAIRED
        code, found = find_defects(repaired / name)
        expect(f"{name}: repaired", (code, found), (1, defects.CASES[name][1]) if left else (0, set()))
        expect(f"{name}: repaired, in Python's loader", points_in_python(repaired / name),
               repaired_points(name))
        check_nothing_lost(name, folder, repaired, output)
        if (shared / "judge").exists() and not left and name not in defects.JUDGE_BAD:
            check_judge(name, sorted((repaired / name).rglob("*tfevents*")), set())
    shown, tags = points_in_rust(repaired, [*defects.CASES, *WRITERS])
    for name in defects.CASES:
        expect(f"{name}: repaired, in the fast loader", shown[name], repaired_points(name))
    for name in WRITERS:
        expect(f"{name} in the fast loader", shown[name], [(2, 2.0), (4, 4.0)])
    expect("two kinds in the fast loader", shown_histograms(repaired, "two_kinds"),
           {"m/bad_histograms"})
    for name in defects.RUST_HIDES:
        expect(f"{name}: repaired, tags in the fast loader", tags[name], {"m/bad", "m/good"})
    expect("a double scalar", points_in_python(repaired / "double", "m/bad"), [(3, 0.5)])
    expect("a clean run is copied", [path.read_bytes() for path in (repaired / "clean").iterdir()],
           [path.read_bytes() for path in (folder / "clean").iterdir()])


def as_float(text):
    """The 32-bit float that the digits stand for."""
    return struct.unpack("<f", struct.pack("<f", float(text)))[0]


def read_csv(*arguments):
    """{(run, tag): [(step, wall time, value)]}"""
    points = {}
    code, output = events("csv", *arguments)
    expect(f"csv {arguments}", code, 0)
    for row in csv.DictReader(io.StringIO(output)):
        points.setdefault((row["run"], row["tag"]), []).append(
            (int(row["step"]), float(row["wall_time"]), as_float(row["value"])))
    return points


def check_csv():
    ours = read_csv(logdir, "--loader=python")
    theirs = {}
    for run in {path.parent for path in logdir.rglob("*tfevents*")}:
        accumulator = accumulate(run)
        for tag in accumulator.PluginTagToContent("scalars"):
            theirs[str(run.relative_to(logdir)), tag] = [
                (one.step, one.wall_time, tensor_util.make_ndarray(one.tensor_proto).item())
                for one in accumulator.Tensors(tag)]
    expect("curves in csv", sorted(ours), sorted(theirs))
    for curve in theirs:
        expect(f"{curve} in csv", ours.get(curve), theirs[curve])
    expect("runs that were resumed are the same for both loaders", read_csv(logdir), ours)
    print(len(theirs), "curves,", sum(map(len, theirs.values())), "points as in TensorBoard")


def main():
    shutil.rmtree(scratch, ignore_errors=True)
    check_cases(scratch / "damaged")
    check_repaired(scratch / "damaged", scratch / "repaired")
    check_merged(scratch / "damaged", scratch / "merged")
    check_shared_cases(scratch)
    check_csv()
    tell(f"{len(defects.CASES)} files as expected")


if __name__ == "__main__":
    main()
