"""A TensorBoard server for a test, on a free port of this machine, and what its HTTP API says."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

# What the server may say: one expression for a whole line.
HARMLESS = re.compile(r"""
    \s*
    | TensorBoard\ [\d.]+\S*\ at\ http.*
    | NOTE:\ Using\ experimental\ fast\ data\ loading\ logic.*
    | .*--load_fast=false.*
    | .*github.com/tensorflow/tensorboard/issues.*
    | .*pkg_resources.*
    # TensorFlow's, which TensorBoard loads where it is installed
    | .*(oneDNN|InitializeLog|cpu_feature_guard|CPU\ instructions|cuda|CUDA|GPU|cuInit).*
    | To\ enable\ the\ following\ instructions.*
    # of a resumed run, which replaces its settings and its end
    | .*Unable\ to\ get\ size\ of\ .*\.hparams:.*
    # the steps after a checkpoint that a killed run had lost: they are to be dropped
    | .*out\ of\ order\ event\.step\ likely\ caused\ by\ a\ TensorFlow\ restart\.\ Purging.*
    # a resumed run says again what its graph is
    | .*Found\ more\ than\ one\ graph\ event\ per\ run.*
    """, re.VERBOSE)


class Server:
    """`with Server(logdir, "fast" or "slow") as server`: stopped at its end, come what may.

    "fast" is what a user gets without a flag: the data server in Rust. TensorBoard calls that
    one by the name localhost, so without this name the test is skipped."""

    def __init__(self, logdir, loader):
        if loader == "fast" and not has_localhost():
            print("skipped: the name localhost has no address here; TensorBoard needs it")
            sys.exit(77)
        self.log = tempfile.NamedTemporaryFile(prefix="tensorboard_", suffix=".log")
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir),
                   "--host", "127.0.0.1", "--port", "0",
                   *([] if loader == "fast" else ["--load_fast=false"])]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL, env=environment())

    def __enter__(self):
        try:
            self.url = self.wait_for_url()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def output(self):
        with open(self.log.name, errors="replace") as log:
            return log.read()

    def complaints(self):
        return [line for line in self.output().splitlines() if not HARMLESS.fullmatch(line)]

    def wait_for_url(self):
        def found():
            if self.process.poll() is not None:
                raise RuntimeError("TensorBoard ended:\n" + self.output())
            return re.search(r"at (http://[\d.:]+/)", self.output())
        match = wait_until(found, 120)
        if not match:
            raise RuntimeError("TensorBoard did not start:\n" + self.output())
        return match[1]

    def get_bytes(self, path, **query):
        url = f"{self.url}data/{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.read()

    def get(self, path, **query):
        return json.loads(self.get_bytes(path, **query))

    def post(self, path, query):
        """What a page gets for a question that is JSON."""
        request = urllib.request.Request(f"{self.url}data/{path}", json.dumps(query).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def experiment(self):
        """The hyperparameters and metrics that the HParams page offers."""
        return self.post("plugin/hparams/experiment", {"experimentName": ""})

    def session_groups(self, **query):
        """The rows of the HParams page, as it asks for them, or with other conditions."""
        return self.post("plugin/hparams/session_groups", {
            "experimentName": "", "startIndex": 0, "sliceSize": 1000,
            "aggregationType": "AGGREGATION_AVG", "colParams": [],
            "allowedStatuses": [f"STATUS_{status}" for status in
                                ("UNKNOWN", "SUCCESS", "FAILURE", "RUNNING")],
            **query}).get("sessionGroups", [])

    def scalars(self, run, tag):
        """[(step, value)] in the server's order."""
        return [(step, value) for _, step, value in
                self.get("plugin/scalars/scalars", run=run, tag=tag)]

    def images(self, run, tag):
        """[(step, file)]"""
        listed = self.get("plugin/images/images", run=run, tag=tag, sample=0)
        return [(one["step"], self.get_bytes("plugin/images/individualImage?" + one["query"]))
                for one in listed]

    def sounds(self, run, tag):
        """[(step, file)]"""
        listed = self.get("plugin/audio/audio", run=run, tag=tag, sample=0)
        return [(one["step"], self.get_bytes("plugin/audio/individualAudio?" + one["query"]))
                for one in listed]

    def wait_for_point(self, run, tag, step):
        """Until that run has been read as far as that step; so has all that was written before."""
        def there():
            listed = self.get("plugin/scalars/tags").get(run, {})
            return tag in listed and any(s >= step for s, _ in self.scalars(run, tag))
        if not wait_until(there, 60):
            raise RuntimeError(f"{run} {tag}: no step {step} in time:\n" + self.output())


def has_localhost():
    try:
        return bool(socket.getaddrinfo("localhost", None))
    except socket.gaierror:
        return False


def environment():
    """Ours without a proxy, which would stand between us and this machine's own ports."""
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


def wait_until(condition, timeout_s):
    """Its first true value; the last one where the time is over."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.2)
