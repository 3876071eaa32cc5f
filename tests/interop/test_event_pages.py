#!/usr/bin/env python3
"""test_event_pages.py LOGDIR SCREENSHOTS: what make_events.c writes, in a real browser.

Opens each page of TensorBoard, waits until its data are drawn, and leaves a screenshot of each in
SCREENSHOTS (a folder) as events_<page>.png. Those are for people to look at."""
import time

import needs

needs.packages("tensorboard", "selenium")

from browser import (COMPUTE_TIME, HEIGHT, OPEN_ALL, TALL, WIDTH, run_page_test, run_script, shown,
                     undrawn)
from tensorboard_server import wait_until

# Of each page: what is to be drawn at least, as in test_browser.py.
PAGES = {
    "timeseries": [("charts", "line-chart", 2, (200, 100)),
                   ("pictures", "image-card-component img", 1, (200, 200))],
    "scalars": [("curves", "vz-line-chart2 > path.line", 2, (40, 1))],
    "custom_scalars": [("curves", "vz-line-chart2 > path.line", 1, (40, 1))],
    "images": [("pictures", "tf-image-loader > img", 1, (300, 300))],
    "audio": [("players", "tf-audio-loader > audio", 1, (100, 20))],
    "graphs": [("nodes", "tf-graph-scene > g.node", 3, (20, 10))],
    "distributions": [("bands", "vz-distribution-chart > path", 5, (40, 1))],
    "histograms": [("hills", "vz-histogram-timeseries > path", 5, (40, 1))],
    "text": [("texts", "tf-text-loader > tf-markdown-view", 2, (100, 10))],
    "pr_curves": [("curves", "vz-line-chart2 > path.line", 1, (40, 10))],
    "hparams": [("cells", "tf-hparams-table-view > vaadin-grid-cell-content", 10, (10, 5))],
    "projector": [("canvases", "canvas", 1, (300, 300))],
}
N_FRAMES = {"projector": 2}  # documents within documents that one has to go into
COLOURS = """return [...new Set(deep('tf-graph-scene > g.node')
    .flatMap(node => all('.nodeshape rect, .nodeshape ellipse', node))
    .map(shape => getComputedStyle(shape).fill))]"""


def look_at(window, url, page, screenshots):
    window.set_window_size(WIDTH, TALL if page not in ("graphs", "projector") else HEIGHT)
    window.get("about:blank")
    window.get(f"{url}#{page}")
    for _ in range(N_FRAMES.get(page, 0)):
        frame = wait_until(lambda: run_script(window, "return deep('iframe')[0]"), 30)
        window.switch_to.frame(frame)
    wait_until(lambda: shown(window, PAGES[page][0][1], (1, 1)), 30)
    run_script(window, OPEN_ALL)
    wait_until(lambda: not undrawn(window, page, PAGES[page]), 30)
    time.sleep(3)  # for the rest of the cards, and for what moves
    failures = undrawn(window, page, PAGES[page])
    window.switch_to.default_content()
    window.save_screenshot(str(screenshots / f"events_{page}.png"))
    return failures


def look_at_times(window, screenshots):
    """On the page of the graph: nodes that took different times have different colours."""
    before = run_script(window, COLOURS)
    run_script(window, COMPUTE_TIME)
    wait_until(lambda: run_script(window, COLOURS) != before, 20)
    time.sleep(3)
    window.save_screenshot(str(screenshots / "events_graphs_times.png"))
    colours = run_script(window, COLOURS)
    return [] if colours != before else [f"graphs: by compute time the colours are {colours}"]


def check_pages(window, url, screenshots):
    failures = []
    for page in PAGES:
        failures += look_at(window, url, page, screenshots)
        if page == "graphs":
            failures += look_at_times(window, screenshots)
    return failures


if __name__ == "__main__":
    run_page_test(PAGES, ("all", "metrics/loss", 5), check_pages)
