#!/usr/bin/env python3
"""test_event_pages.py LOGDIR SCREENSHOTS: what make_events.c writes, in a real browser.

Opens each page of TensorBoard, waits until its data are drawn, and leaves a screenshot of each in
SCREENSHOTS (a folder) as events_<page>.png. Those are for people to look at."""
import pathlib
import shutil
import sys
import tempfile
import time

try:
    import tensorboard  # noqa: F401 (only to see that it is there)
    import selenium  # noqa: F401
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

from tensorboard_server import Server, wait_until
from test_browser import LIBRARY, OPEN_ALL, TALL, WIDTH, shown, start_browser

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
# The graph coloured by the measured times: the tag's menu, then the choice "Compute time".
COMPUTE_TIME = """
const dashboard = deep('tf-graph-controls')[0];
dashboard.set('_selectedTagIndex', 1);
setTimeout(() => dashboard.set('colorBy', 'compute_time'), 1500);
"""
COLOURS = """return [...new Set(deep('tf-graph-scene > g.node')
    .flatMap(node => all('.nodeshape rect, .nodeshape ellipse', node))
    .map(shape => getComputedStyle(shape).fill))]"""


def missing(window, page):
    return [f"{page}: {what}: {shown(window, path, least)} of at least {n} are drawn"
            for what, path, n, least in PAGES[page] if shown(window, path, least) < n]


def look_at(window, url, page, screenshots):
    window.set_window_size(WIDTH, TALL if page not in ("graphs", "projector") else 1200)
    window.get("about:blank")
    window.get(f"{url}#{page}")
    for _ in range(N_FRAMES.get(page, 0)):
        frame = wait_until(lambda: window.execute_script(LIBRARY + "return deep('iframe')[0]"), 30)
        window.switch_to.frame(frame)
    wait_until(lambda: shown(window, PAGES[page][0][1], (1, 1)), 30)
    window.execute_script(LIBRARY + OPEN_ALL)
    wait_until(lambda: not missing(window, page), 30)
    time.sleep(3)  # for the rest of the cards, and for what moves
    failures = missing(window, page)
    window.switch_to.default_content()
    window.save_screenshot(str(screenshots / f"events_{page}.png"))
    return failures


def look_at_times(window, screenshots):
    """On the page of the graph: nodes that took different times have different colours."""
    before = window.execute_script(LIBRARY + COLOURS)
    window.execute_script(LIBRARY + COMPUTE_TIME)
    wait_until(lambda: window.execute_script(LIBRARY + COLOURS) != before, 20)
    time.sleep(3)
    window.save_screenshot(str(screenshots / "events_graphs_times.png"))
    colours = window.execute_script(LIBRARY + COLOURS)
    return [] if colours != before else [f"graphs: by compute time the colours are {colours}"]


def check_pages(window, url, screenshots):
    failures = []
    for page in PAGES:
        failures += look_at(window, url, page, screenshots)
        if page == "graphs":
            failures += look_at_times(window, screenshots)
    failures += [f"console: {entry['message']}" for entry in window.get_log("browser")
                 if entry["level"] == "SEVERE"]
    return failures


def main():
    logdir, screenshots = (pathlib.Path(argument) for argument in sys.argv[1:3])
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        print("skipped: no chromium or no chromedriver")
        sys.exit(77)
    screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, \
            Server(logdir, "fast") as server:
        server.wait_for_point("all", "metrics/loss", 5)
        window = start_browser(browser, driver, scratch)
        try:
            failures = check_pages(window, server.url, screenshots)
        finally:
            window.quit()
    if failures:
        sys.exit("\n".join(failures))
    print(f"{', '.join(PAGES)}: drawn; see {screenshots}")


if __name__ == "__main__":
    main()
