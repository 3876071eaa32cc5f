"""Skips a test that lacks a package of Python.

    import needs
    needs.packages("tensorboard", "PIL")

stands before the imports of these packages."""
import importlib.util
import os
import sys

# TensorFlow's lines about the processor would stand between those of the test
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def packages(*names):
    """Ends the test as skipped unless all of them can be imported."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            print(f"skipped: no Python package {name}; tests/run.sh installs it in tmp/venv")
            sys.exit(77)
