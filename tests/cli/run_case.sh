#!/bin/sh
# run_case.sh PROGRAMS CASE [--update]
#
# Runs cases/CASE.sh as a user would, in an empty directory, with the programs of the colon list
# PROGRAMS first in PATH, and compares all that it prints (both streams) with cases/CASE.out.
# --update takes what it prints as the new expectation: read the difference before you commit it.
# A case that exits with 77 is skipped. What it prints as "skipped: ..." otherwise is a part of it that
# was: shown, and not compared.
set -u
programs=$1
name=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT

mkdir "$scratch/work"
cd "$scratch/work" || exit 1
PATH=$programs:$PATH
CASES=$here
SUPPORT=$here/../support
export PATH CASES SUPPORT
unset OMP_NUM_THREADS
# No test leaves this machine: this proxy does not exist.
unset HTTPS_PROXY all_proxy ALL_PROXY NO_PROXY
http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 no_proxy=127.0.0.1
export http_proxy https_proxy no_proxy

sh "$here/cases/$name.sh" >"$scratch/actual" 2>&1
code=$?
if [ "$code" = 77 ]; then
    cat "$scratch/actual"
    exit 77
fi
grep '^skipped: ' "$scratch/actual"
sed -i '/^skipped: /d' "$scratch/actual"
echo "exit code of the case: $code" >>"$scratch/actual"

if [ "${3-}" = --update ]; then
    cp "$scratch/actual" "$here/cases/$name.out"
    exit 0
fi
diff -u "$here/cases/$name.out" "$scratch/actual"
