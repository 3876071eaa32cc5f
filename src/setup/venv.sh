#!/bin/sh
# Makes a Python environment, or completes it: installs the newest version of each package that is
# missing or too old, from PyPI. Prints the versions. A complete environment is left alone, without
# any network.
#
#     sh src/setup/venv.sh <directory> <package>...
#
# A package may say which versions will do: 'tensorboard>=2.21'.
set -eu

if [ $# -lt 2 ]; then
    echo "venv.sh: expected a directory and the names of packages" >&2
    exit 1
fi
venv=$1
shift

# Prints the packages' versions; fails at the first that is missing or too old.
show_versions() {
    "$venv/bin/python" -c '
import importlib.metadata, sys
from pip._vendor.packaging.requirements import Requirement
for wanted in map(Requirement, sys.argv[1:]):
    version = importlib.metadata.version(wanted.name)
    # some packages (tflite-micro) have no version but development ones
    if not wanted.specifier.contains(version, prereleases=True):
        sys.exit(f"{wanted.name} {version}: expected {wanted.specifier}")
    print(" ", wanted.name, version)' "$@"
}

if show_versions "$@" 2>/dev/null; then
    exit 0
fi
# An environment that is half made, or whose Python is gone, is made from scratch.
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
show_versions "$@"
