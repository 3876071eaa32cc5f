#!/usr/bin/env python3
"""test_names.py MAKE_NAMES DIR: every printable ASCII character in names of runs and tags.

What make_names takes has to be shown by both loaders: the values of every run, and the files of its
picture and its sound. In a real browser the pages of curves, pictures and sounds have to draw all
of them. What no page could show has to be refused."""
import pathlib
import shutil
import subprocess
import sys
import time

try:
    import tensorboard  # noqa: F401 (only to see that it is there)
    import selenium  # noqa: F401
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

from browser import (OPEN_ALL, TALL, WIDTH, browser, console_errors, missing_program, run_script)
from findings import expect, tell
from tensorboard_server import Server, wait_until

REFUSED = '"\\'  # in tags of pictures and sounds
CHARACTERS = [chr(code) for code in range(0x20, 0x7f)
              if not chr(code).isalnum() and chr(code) not in "/" + REFUSED]
RUNS = [f"a{c}b" for c in CHARACTERS]
# A group for each tag, so that none of the pages has a second sheet.
TAGS = {run: {kind: f"{run}/{kind}" for kind in ("scalar", "picture", "sound")} for run in RUNS}
DRAWN = {  # page: what is drawn of a run and tag
    "images": """return deep('tf-image-loader').filter(loader => all('img', loader.shadowRoot)
        .some(image => image.naturalWidth > 0)).map(loader => [loader.run, loader.tag])""",
    "audio": """return deep('tf-audio-loader').filter(loader => all('audio', loader.shadowRoot)
        .some(sound => sound.duration > 0)).map(loader => [loader.run, loader.tag])""",
    "scalars": """return deep('tf-scalar-card').filter(card => all('path.line', card.shadowRoot)
        .some(line => line.getBoundingClientRect().width > 40)).map(card => card.tag)""",
}
WANTED = {
    "images": [[run, TAGS[run]["picture"]] for run in RUNS],
    "audio": [[run, TAGS[run]["sound"]] for run in RUNS],
    "scalars": [TAGS[run]["scalar"] for run in RUNS],
}


def make(program, logdir, lines):
    return subprocess.run([program, logdir], text=True, capture_output=True,
                          input="".join("\t".join(line) + "\n" for line in lines))


def check_refused(program, logdir):
    for character in REFUSED:
        for kind in ("picture", "sound"):
            made = make(program, logdir, [("run", kind, f"a{character}b")])
            expect(f"{kind} {character}", (made.returncode, character in made.stderr), (1, True))
        made = make(program, logdir, [("run", "scalar", f"a{character}b")])
        expect(f"scalar {character}", (made.returncode, made.stderr), (0, ""))


def check_loader(logdir, loader):
    with Server(logdir, loader) as server:
        server.wait_for_point(RUNS[-1], TAGS[RUNS[-1]]["scalar"], 3)
        for run, tags in TAGS.items():
            expect(f"{loader}: {run}: curve", server.scalars(run, tags["scalar"]),
                   [(1, 1.0), (2, 2.0), (3, 3.0)])
            expect(f"{loader}: {run}: picture",
                   [file[:4] for _, file in server.images(run, tags["picture"])], [b"\x89PNG"])
            expect(f"{loader}: {run}: sound",
                   [file[:4] for _, file in server.sounds(run, tags["sound"])], [b"RIFF"])


def check_page(window, url, page):
    window.set_window_size(WIDTH, TALL)
    window.get("about:blank")
    window.get(f"{url}#{page}")

    def missing():
        run_script(window, OPEN_ALL)
        drawn = run_script(window, DRAWN[page])
        return [wanted for wanted in WANTED[page] if wanted not in drawn]
    wait_until(lambda: not missing(), 60)
    expect(f"{page}: not drawn", missing(), [])
    expect(f"{page}: complaints", console_errors(window), [])


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    logdir = folder / "logs"
    made = make(program, logdir, [(run, kind, tag) for run, tags in TAGS.items()
                                  for kind, tag in tags.items()])
    if made.returncode != 0:
        sys.exit(made.stderr)
    check_refused(program, folder / "refused")
    for loader in ("fast", "slow"):
        check_loader(logdir, loader)
    if missing_program():
        print(f"skipped: pages: no {missing_program()}")
    else:
        with Server(logdir, "fast") as server:
            server.wait_for_point(RUNS[-1], TAGS[RUNS[-1]]["scalar"], 3)
            time.sleep(1)  # the other runs of the same reading
            with browser() as window:
                for page in DRAWN:
                    check_page(window, server.url, page)
    tell(f"{len(RUNS)} characters in names of runs and tags are shown")


if __name__ == "__main__":
    main()
