#!/usr/bin/env python3
"""test_browser.py LOGDIR SCREENSHOTS: the runs of make_logs.sh in TensorBoard in a real browser.

Opens the pages that a user sees, waits until their curves and pictures are drawn, and leaves a
screenshot of each in SCREENSHOTS (a folder): <page>.png as a user sees it first, <page>_all.png
with everything in a tall window. Those are for people to look at."""
import time

import needs

needs.packages("tensorboard", "selenium", "PIL")

from PIL import Image

from browser import HEIGHT, OPEN_ALL, TALL, WIDTH, run_page_test, run_script, undrawn
from tensorboard_server import wait_until

N_TAGS = 15  # of scalars: a chart each
N_OPEN = 8   # of them in the two groups that are open at first: what matters most
N_CARDS = 9  # the same of the Time Series page, which sorts "eval-run" before "eval_recall"
# Of each page: what is to be drawn at least, as (what, path through shadow roots, least number,
# least width and height on the screen). Pictures are 350 pixels wide on the one page and 215 high
# on the other; a curve has the length of the part that is inside its chart.
PAGES = {
    "timeseries": [("charts", "line-chart", 1, (200, 100)),
                   ("pictures", "image-card-component img", 1, (200, 200))],
    "scalars": [("curves", "vz-line-chart2 > path.line", N_OPEN, (40, 1))],
    "custom_scalars": [("curves", "vz-line-chart2 > path.line", 4, (40, 1))],
    # of the two groups that are open at first: a confusion matrix, and a clip, which is wide
    "images": [("matrices", "tf-image-loader > img", 4, (300, 300)),
               ("pictures", "tf-image-loader > img", 10, (300, 150))],
    "audio": [("players", "tf-audio-loader > audio", 5, (100, 20))],
    "distributions": [("bands", "vz-distribution-chart > path", 40, (40, 1))],
    "histograms": [("hills", "vz-histogram-timeseries > path", 24, (40, 1))],
    "text": [("texts", "tf-text-loader > tf-markdown-view", 6, (100, 10))],
    "pr_curves": [("curves", "vz-line-chart2 > path.line", 4, (40, 10))],
}
BOXES = """return deep(arguments[0]).map(e => e.getBoundingClientRect())
    .map(r => [r.left, r.top, r.right, r.bottom].map(Math.round))"""
# A picture that could not be read has no size of its own.
TRUE_SIZES = "return deep(arguments[0]).map(e => [e.naturalWidth, e.naturalHeight])"


def unpainted_charts(window, screenshot):
    """The number of charts on the Time Series page, and of those without at least a dot of
    coloured pixels, as a single point is: they paint on canvases, of which nothing else tells
    whether a curve is there. Frames and letters are grey; the dullest colour of a run is a slate,
    36 off grey."""
    window.save_screenshot(str(screenshot))
    picture = Image.open(screenshot).convert("RGB")
    boxes = run_script(window, BOXES, "line-chart")
    n_coloured = [sum(n for n, colour in picture.crop(box).getcolors(1 << 24)
                      if max(colour) - min(colour) > 25) for box in boxes]
    return len(boxes), sum(n < 30 for n in n_coloured)


def look_at(window, url, page, screenshots):
    window.set_window_size(WIDTH, HEIGHT)
    window.get("about:blank")
    window.get(f"{url}#{page}")
    wait_until(lambda: not undrawn(window, page, PAGES[page]), 30)
    time.sleep(3)  # for the rest of the cards, and for what moves
    failures = undrawn(window, page, PAGES[page])
    window.save_screenshot(str(screenshots / f"{page}.png"))

    window.set_window_size(WIDTH, TALL)
    if page != "timeseries":  # its other groups would be beyond the window
        run_script(window, OPEN_ALL)
    time.sleep(3)
    window.save_screenshot(str(screenshots / f"{page}_all.png"))
    if page == "timeseries":
        file = screenshots / f"{page}_all.png"
        wait_until(lambda: unpainted_charts(window, file) == (N_CARDS, 0), 20)
        n_charts, n_unpainted = unpainted_charts(window, file)
        if n_charts != N_CARDS or n_unpainted:
            failures.append(f"{page}: {n_charts} of {N_CARDS} charts, {n_unpainted} are empty")
    for what, path, _, _ in PAGES[page]:
        if what == "pictures":
            sizes = run_script(window, TRUE_SIZES, path)
            failures += [f"{page}: a picture is {size}" for size in sizes if size[0] != 700]
    return failures


def check_pages(window, url, screenshots):
    failures = []
    for page in PAGES:
        failures += look_at(window, url, page, screenshots)
    return failures


if __name__ == "__main__":
    run_page_test(PAGES, ("plain/test", "eval/accuracy", 60), check_pages)
