#!/usr/bin/env python3
"""test_report.py DIR PROGRAMS SCREENSHOTS: the page of `wordspot report` on the runs of
make_trials.sh, of one and of several; and on runs that TensorBoard's own writer, TensorFlow and
PyTorch made, as far as they are installed.

It is valid HTML (html5lib's strict parser), asks for nothing, has the figures that the event files
hold, and is drawn without an error in a wide and a narrow window, with JavaScript and without."""
import base64
import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import needs

needs.packages("tensorboard", "selenium", "html5lib", "numpy")

import html5lib

from browser import browser, console_errors, missing_program
from findings import expect, tell

MAX_BYTES = 3_000_000
SPEEDS = pathlib.Path(__file__).resolve().parent.parent / "bench/speed.jsonl"
# Elements whose text is wider than they are, without a way to scroll to it.
CUT = """return [...document.querySelectorAll('p, h1, h2, h3, td, th, dd, dt, figcaption, pre, summary')]
    .filter(e => e.offsetParent !== null && e.scrollWidth > e.clientWidth + 2
        && getComputedStyle(e).overflowX === 'visible' && !e.closest('.wide'))
    .map(e => e.tagName + ': ' + e.innerText.slice(0, 60))"""
# Texts of drawings that leave them.
OUTSIDE = """return [...document.querySelectorAll('svg text')].filter(e => {
    const own = e.getBoundingClientRect(), all = e.ownerSVGElement.getBoundingClientRect();
    return own.width > 0 && (own.left < all.left - 2 || own.right > all.right + 2);
}).map(e => e.textContent)"""
OPEN_ALL = "document.querySelectorAll('details').forEach(e => { e.open = true; })"
LOADED = """return [...document.images].filter(e => e.naturalWidth < 10).length"""


def make_report(name, *paths):
    """The page as text; it took less than the two seconds that a long run may take."""
    page = pathlib.Path(name)
    began = time.monotonic()
    subprocess.run(["wordspot", "report", *map(str, paths), f"--output={page}", "--overwrite"],
                   check=True, capture_output=True)
    expect(f"{name}: made at once", time.monotonic() - began < 10, True)
    expect(f"{name}: small", page.stat().st_size < MAX_BYTES, True)
    return page.read_text(encoding="utf-8")


def check_html(name, text):
    html5lib.HTMLParser(strict=True).parse(text)
    expect(f"{name}: nothing from elsewhere",
           re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*|<script|<link|@import|url\((?!#)""",
                      text), [])
    targets = set(re.findall(r'id="([^"]+)"', text))
    expect(f"{name}: each id once", len(targets), len(re.findall(r'id="', text)))
    expect(f"{name}: links lead somewhere",
           sorted(set(re.findall(r'href="#([^"]+)"', text)) - targets), [])


def look_at(window, page, width, screenshot):
    window.set_window_size(width, 1000)
    window.get(page.resolve().as_uri())
    window.execute_script(OPEN_ALL)
    time.sleep(0.5)
    name = f"{page} at {width} pixels"
    expect(f"{name}: no scrolling to the side",
           window.execute_script("return document.documentElement.scrollWidth <= innerWidth"),
           True)
    expect(f"{name}: texts that are cut", window.execute_script(CUT), [])
    expect(f"{name}: texts outside of drawings", window.execute_script(OUTSIDE), [])
    expect(f"{name}: pictures that are not drawn", window.execute_script(LOADED), 0)
    expect(f"{name}: console", console_errors(window), [])
    height = min(6000, window.execute_script("return document.documentElement.scrollHeight"))
    window.set_window_size(width, height)
    window.save_screenshot(str(screenshot))


# Tables that are wider than a sheet, and folded parts that leave a heading without anything below.
TOO_WIDE = """return [...document.querySelectorAll('.wide')]
    .filter(e => e.offsetParent !== null && e.scrollWidth > e.clientWidth + 2)
    .map(e => e.innerText.slice(0, 60))"""
EMPTY = """return [...document.querySelectorAll('details')]
    .filter(e => !e.open && e.offsetParent !== null).length"""
SHEET = 718  # pixels of A4 between Chromium's margins


def print_page(window, page):
    """On paper nothing can be scrolled or unfolded."""
    window.set_window_size(SHEET, 1000)
    window.get(page.resolve().as_uri())
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    expect(f"{page}: cut on paper", window.execute_script(TOO_WIDE), [])
    expect(f"{page}: folded on paper", window.execute_script(EMPTY), 0)
    printed = window.execute_cdp_cmd("Page.printToPDF", {})["data"]
    expect(f"{page}: printed", base64.b64decode(printed)[:5], b"%PDF-")
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def follow_a_confusion(window, page):
    """A click on a number of the matrix leads to a clip or a word, and marks it."""
    window.get(page.resolve().as_uri())
    for cell in window.find_elements("css selector", ".matrix .wrong a, .matrix .right a")[:5]:
        target = cell.get_attribute("href").split("#")[1]
        cell.click()
        expect(f"a click leads to {target}",
               window.execute_script("return document.querySelector(':target').id"), target)


def make_foreign_runs():
    """{name: folder} of runs by other programs."""
    made = {}
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    writer = EventFileWriter("foreign/tensorboard/train")
    for step in range(50):
        value = summary_pb2.Summary.Value(tag="accuracy", simple_value=step / 50)
        writer.add_event(event_pb2.Event(wall_time=1.7e9 + step, step=step,
                                         summary=summary_pb2.Summary(value=[value])))
    writer.close()
    made["tensorboard"] = "foreign/tensorboard"
    for name, module in (("torch", "torch.utils.tensorboard"), ("tensorboardX", "tensorboardX")):
        try:
            writer = importlib.import_module(module).SummaryWriter
        except ImportError:
            print(f"left out: {name} is not installed")
            continue
        write_board(writer(f"foreign/{name}"))
        made[name] = f"foreign/{name}"
    return made


def write_board(board):
    """A run by PyTorch's writer, or the one that it comes from."""
    import numpy
    for step in range(20):
        board.add_scalar("loss", 1 / (1 + step), step)
    board.add_image("picture", numpy.random.rand(3, 16, 16), 3)
    board.add_text("note", "<b>bold</b>", 0)
    board.add_pr_curve("heard", numpy.array([0, 1, 1, 0]), numpy.array([0.1, 0.9, 0.4, 0.6]), 5)
    board.close()


def main():
    folder, programs = sys.argv[1:3]
    screenshots = pathlib.Path(sys.argv[3]).absolute()
    os.environ["PATH"] = programs + ":" + os.environ["PATH"]
    os.chdir(folder)
    subprocess.run(["rm", "-rf", "foreign"], check=True)
    texts = {"one.html": make_report("one.html", "logs/slow-1"),
             "several.html": make_report("several.html", "logs")}
    for name, path in make_foreign_runs().items():
        texts[f"{name}.html"] = make_report(f"{name}.html", path)
    # Speeds have a page of their own.
    texts["speed.html"] = make_report("speed.html", SPEEDS)
    figures = [line for line in map(json.loads, SPEEDS.read_text(encoding="utf-8").splitlines())
               if "model" in line]
    own = {(line["what"], line["model"]) for line in figures}
    expect("a bar for each figure", texts["speed.html"].count("<rect"), len(figures) + len(own))
    for name, text in texts.items():
        check_html(name, text)
    expect("the seeds of a rate", texts["several.html"].count("3 seeds"), 2)
    expect("sound and spectrogram", "data:audio/wav" in texts["one.html"]
           and "data:image/png" in texts["one.html"], True)
    expect("a foreign curve", "<polyline" in texts["tensorboard.html"], True)
    for name in ("torch.html", "tensorboardX.html"):
        expect(f"{name}: curve, picture, precision and recall",
               ["<polyline" in texts[name], "data:image/png" in texts[name],
                "Precision and recall" in texts[name]] if name in texts else [True] * 3,
               [True] * 3)
    if missing_program():
        print(f"not looked at: no {missing_program()}")
    else:
        screenshots.mkdir(parents=True, exist_ok=True)
        with browser() as window:
            for name in texts:
                for width in (1400, 500):
                    look_at(window, pathlib.Path(name), width,
                            screenshots / f"report_{name[:-5]}_{width}.png")
            for name in ("one.html", "several.html"):
                print_page(window, pathlib.Path(name))
            follow_a_confusion(window, pathlib.Path("one.html"))
            window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
            window.get(pathlib.Path("one.html").resolve().as_uri())
            window.save_screenshot(str(screenshots / "report_no_script.png"))
            shown = window.find_elements("css selector", "svg, img, .matrix")
            expect("drawn without JavaScript", len(shown) > 5, True)
            follow_without_script = window.find_element("css selector", ".short a")
            follow_without_script.click()
            expect("a link without JavaScript", "#run1" in window.current_url, True)
    tell(f"{len(texts)} reports: valid HTML, drawn; see {screenshots}")


if __name__ == "__main__":
    main()
