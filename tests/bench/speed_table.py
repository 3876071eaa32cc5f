#!/usr/bin/env python3
"""speed_table.py BUILD FILE README: writes the figures of a file that compare.sh made into README
as tables of Markdown, with the machine and the date, between the lines BEGIN and END. The rest of
README stays as it is. `wordspot report` reads the file."""
import json
import pathlib
import subprocess
import sys

BEGIN = "<!-- speeds: made by tests/bench/speed_table.py -->"
END = "<!-- end of speeds -->"


def digits_of(value):
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.3g}"


def pairs_of(figures):
    """(Wordspot's figure, a peer's figure) of the same network on the same machine."""
    own = None
    for figure in figures:
        if figure["ratio"] is None:
            own = figure
        else:
            yield own, figure


def ratio_of(figure):
    text, least, most = (digits_of(figure[key]) if figure[key] is not None else None
                         for key in ("ratio", "ratio_least", "ratio_most"))
    return text if least == most else f"{text} ({least} to {most})"


def lines_of(machine, figures):
    """One table for each thing that was timed on this machine."""
    yield f"{machine['machine']}; wordspot {machine['version']}, measured {machine['date'][:10]}."
    what = None
    for own, peer in pairs_of(figures):
        if peer["what"] != what:
            what = peer["what"]
            yield ""
            yield f"| {what} | Wordspot | other program | its time | ratio |"
            yield "|---|---|---|---|---|"
        note = peer["note"] and ", " + peer["note"]
        yield (f"| `{peer['model']}` | {digits_of(own['value'])} {own['unit']} "
               f"| {peer['program']} {peer['version']}{note} "
               f"| {digits_of(peer['value'])} {peer['unit']} "
               f"| {ratio_of(peer)} |")
    yield ""


def main():
    build, path, readme = sys.argv[1:]
    done = subprocess.run([f"{build}/wordspot", "report", path, "--json"], capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"speed_table.py: {done.stderr.strip()}")
    made = json.loads(done.stdout)
    table = [BEGIN]
    for number, machine in enumerate(made["machines"], 1):
        table += lines_of(machine, [one for one in made["figures"] if one["machine"] == number])
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        sys.exit(f"speed_table.py: {readme}: expected one line \"{BEGIN}\" and after it one line "
                 f"\"{END}\"")
    before, rest = text.split(BEGIN)
    new = before + "\n".join(table) + END + rest.split(END)[1]
    pathlib.Path(readme).write_text(new, encoding="utf-8")


main()
