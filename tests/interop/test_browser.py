#!/usr/bin/env python3
"""test_browser.py LOGDIR SCREENSHOTS: the runs of make_logs.sh in TensorBoard in a real browser.

Opens the pages that a user sees, waits until their curves and pictures are drawn, and leaves a
screenshot of each in SCREENSHOTS (a folder): <page>.png as a user sees it first, <page>_all.png
with everything in a tall window. Those are for people to look at."""
import os
import pathlib
import shutil
import sys
import tempfile
import time

try:
    import tensorboard  # noqa: F401 (only to see that it is there)
    from PIL import Image
    from selenium import webdriver
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

from tensorboard_server import Server, wait_until

WIDTH, HEIGHT, TALL = 1500, 1200, 4000
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
LIBRARY = """
const all = (selector, root, found = []) => {
    root.querySelectorAll('*').forEach(e => {
        if (e.matches(selector)) found.push(e);
        if (e.shadowRoot) all(selector, e.shadowRoot, found);
    });
    return found;
};
const deep = path => path.split(' > ').reduce(
    (roots, selector) => roots.flatMap(root => all(selector, root.shadowRoot || root)),
    [document]);
"""
SIZES = """return deep(arguments[0]).map(e => e.getBoundingClientRect())
    .map(r => [r.width, r.height])"""
BOXES = """return deep(arguments[0]).map(e => e.getBoundingClientRect())
    .map(r => [r.left, r.top, r.right, r.bottom].map(Math.round))"""
# A picture that could not be read has no size of its own.
TRUE_SIZES = "return deep(arguments[0]).map(e => [e.naturalWidth, e.naturalHeight])"
OPEN_ALL = """
deep('tf-category-paginated-view').filter(e => !e.opened).forEach(e => e._togglePane());
deep('metrics-card-group-toolbar-component button')
    .filter(e => e.querySelector('mat-icon[svgicon^=expand_more]')).forEach(e => e.click());
"""


def start_browser(browser, driver, scratch):
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    # without a sandbox it also runs as root and in a container
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                     "--enable-unsafe-swiftshader", "--hide-scrollbars", "--no-proxy-server",
                     f"--window-size={WIDTH},{HEIGHT}", f"--user-data-dir={scratch}/profile"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(driver, env={**os.environ, "TMPDIR": scratch})
    window = webdriver.Chrome(options=options, service=service)
    window.set_page_load_timeout(60)
    window.set_script_timeout(30)
    return window


def shown(window, path, least):
    sizes = window.execute_script(LIBRARY + SIZES, path)
    return sum(width >= least[0] and height >= least[1] for width, height in sizes)


def missing(window, page):
    return [f"{page}: {what}: {shown(window, path, least)} of at least {n} are drawn"
            for what, path, n, least in PAGES[page] if shown(window, path, least) < n]


def unpainted_charts(window, screenshot):
    """The number of charts on the Time Series page, and of those without at least a dot of
    coloured pixels, as a single point is: they paint on canvases, of which nothing else tells
    whether a curve is there. Frames and letters are grey; the dullest colour of a run is a slate,
    36 off grey."""
    window.save_screenshot(str(screenshot))
    picture = Image.open(screenshot).convert("RGB")
    boxes = window.execute_script(LIBRARY + BOXES, "line-chart")
    n_coloured = [sum(n for n, colour in picture.crop(box).getcolors(1 << 24)
                      if max(colour) - min(colour) > 25) for box in boxes]
    return len(boxes), sum(n < 30 for n in n_coloured)


def look_at(window, url, page, screenshots):
    window.set_window_size(WIDTH, HEIGHT)
    window.get("about:blank")
    window.get(f"{url}#{page}")
    wait_until(lambda: not missing(window, page), 30)
    time.sleep(3)  # for the rest of the cards, and for what moves
    failures = missing(window, page)
    window.save_screenshot(str(screenshots / f"{page}.png"))

    window.set_window_size(WIDTH, TALL)
    if page != "timeseries":  # its other groups would be beyond the window
        window.execute_script(LIBRARY + OPEN_ALL)
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
            sizes = window.execute_script(LIBRARY + TRUE_SIZES, path)
            failures += [f"{page}: a picture is {size}" for size in sizes if size[0] != 700]
    return failures


def check_pages(window, url, screenshots):
    failures = []
    for page in PAGES:
        failures += look_at(window, url, page, screenshots)
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
        server.wait_for_point("plain/test", "eval/accuracy", 60)
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
