#!/bin/sh
# run_python.sh SCRIPT ARGUMENT...: runs it with the Python that has the foreign programs: the one
# that WS_TEST_PYTHON names, else that of tmp/venv. Exit code 77 (skipped) if it is missing.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
python=${WS_TEST_PYTHON:-$root/tmp/venv/bin/python}
if [ ! -x "$python" ]; then
    echo "skipped: no $python; tests/run.sh makes it"
    exit 77
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$@"
