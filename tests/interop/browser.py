"""A real browser without a window for a test, and what stands on TensorBoard's pages in it.

Import it after needs.packages("selenium")."""
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

from selenium import webdriver

from tensorboard_server import Server, has_localhost

WIDTH, HEIGHT, TALL = 1500, 1200, 4000
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
OPEN_ALL = """
deep('tf-category-paginated-view').filter(e => !e.opened).forEach(e => e._togglePane());
deep('metrics-card-group-toolbar-component button')
    .filter(e => e.querySelector('mat-icon[svgicon^=expand_more]')).forEach(e => e.click());
"""
# The page of the graph coloured by the measured times: the tag's menu, then "Compute time".
COMPUTE_TIME = """
const dashboard = deep('tf-graph-controls')[0];
dashboard.set('_selectedTagIndex', 1);
setTimeout(() => dashboard.set('colorBy', 'compute_time'), 1500);
"""


def missing_program():
    """What is missing to open a browser; None: it can be opened."""
    if not has_localhost():  # the driver reaches the browser by this name
        return "address for the name localhost"
    return next((name for name in ("chromium", "chromedriver") if not shutil.which(name)), None)


@contextlib.contextmanager
def browser():
    """A window, closed at the end, come what may."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        # without a sandbox it also runs as root and in a container
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                         "--enable-unsafe-swiftshader", "--hide-scrollbars", "--no-proxy-server",
                         f"--window-size={WIDTH},{HEIGHT}", f"--user-data-dir={scratch}/profile"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver"),
                                          env={**os.environ, "TMPDIR": scratch})
        window = webdriver.Chrome(options=options, service=service)
        try:
            window.set_page_load_timeout(60)
            window.set_script_timeout(30)
            yield window
        finally:
            window.quit()


@contextlib.contextmanager
def browser_on(logdir, run, tag, step):
    """(window, URL) of a server on a folder that has read a run as far as that step."""
    with Server(logdir, "fast") as server:
        server.wait_for_point(run, tag, step)
        with browser() as window:
            yield window, server.url


def run_script(window, script, *arguments):
    """What a script returns to which LIBRARY is known."""
    return window.execute_script(LIBRARY + script, *arguments)


def shown(window, path, least):
    """How many elements of a path through shadow roots have that width and height at least."""
    sizes = run_script(window, SIZES, path)
    return sum(width >= least[0] and height >= least[1] for width, height in sizes)


def undrawn(window, page, wanted):
    """Of what a page is to have at least, as (what, path, least number, least width and height),
    that which it has not: a line each."""
    found = [(what, shown(window, path, least), n) for what, path, n, least in wanted]
    return [f"{page}: {what}: {n} of at least {least} are drawn"
            for what, n, least in found if n < least]


def run_page_test(pages, seen, check):
    """The whole of a test LOGDIR SCREENSHOTS: opens a browser on LOGDIR once TensorBoard has read
    `seen` (run, tag, step), and ends with what check(window, url, screenshots) finds wrong."""
    logdir, screenshots = (pathlib.Path(argument) for argument in sys.argv[1:3])
    if missing_program():
        print(f"skipped: no {missing_program()}")
        sys.exit(77)
    screenshots.mkdir(parents=True, exist_ok=True)
    with browser_on(logdir, *seen) as (window, url):
        failures = check(window, url, screenshots)
        failures += [f"console: {message}" for message in console_errors(window)]
    if failures:
        sys.exit("\n".join(failures))
    print(f"{', '.join(pages)}: drawn; see {screenshots}")


def console_errors(window):
    """What the pages complained of since the last call."""
    return [entry["message"] for entry in window.get_log("browser") if entry["level"] == "SEVERE"]
