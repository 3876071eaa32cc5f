#!/bin/sh
# Makes a Python environment, or completes it: with the newest version of each package that is not
# there yet, from PyPI. Prints the versions. One that is complete is left alone, without network.
#
#     sh src/setup/venv.sh <directory> <package>...
set -eu

if [ $# -lt 2 ]; then
    echo "venv.sh: expected a directory and the names of packages" >&2
    exit 1
fi
venv=$1
shift

# Prints the packages' versions; fails at the first that is missing.
show_versions() {
    "$venv/bin/python" -c '
import importlib.metadata, sys
for name in sys.argv[1:]:
    print(" ", name, importlib.metadata.version(name))' "$@"
}

if show_versions "$@" 2>/dev/null; then
    exit 0
fi
# One whose making was interrupted, or whose Python is gone, is made anew.
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
show_versions "$@"
