"""Figures of speed as lines of JSON, which `wordspot report` and speed_table.py read. They are
appended to the file that WS_SPEED_LINES names; without it nothing is written."""
import json
import os
import statistics
import subprocess


def append(line):
    path = os.environ.get("WS_SPEED_LINES")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def begin(build):
    """Where and when the lines after this one are measured: as `wordspot bench` says it."""
    bench = [f"{build}/wordspot", "bench", "--model_architecture=single_fc", "--steps=1",
             "--batch_size=2", "--json"]
    said = json.loads(subprocess.run(bench, check=True, capture_output=True, text=True).stdout)
    append({key: said[key] for key in ("machine", "date", "version")})


def version_of(python, package):
    """Of a package that this Python has."""
    ask = f"import importlib.metadata as m; print(m.version('{package}'))"
    return subprocess.run([str(python), "-c", ask], check=True, capture_output=True,
                          text=True).stdout.strip()


def push(what, model, unit, own, peer, named, ratios):
    """A measurement: Wordspot's time, the peer's, its (name, version, note), the rounds' ratios."""
    append({"what": what, "model": model, "unit": unit, "own": own, "peer": peer,
            "peer_name": named[0], "peer_version": named[1], "peer_note": named[2],
            "ratio": round(statistics.median(ratios), 3), "ratio_least": round(min(ratios), 3),
            "ratio_most": round(max(ratios), 3)})
