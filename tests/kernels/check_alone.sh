#!/bin/sh
# check_alone.sh PROGRAM: runs it, and fails if it is linked with more than libc and libm.
set -eu

"$1"
if ! libraries=$(ldd "$1" 2>/dev/null); then
    echo "SKIP: ldd cannot read $1"
    exit 77
fi
others=$(echo "$libraries" | sed 's/^[[:space:]]*//; s/ .*//' |
    grep -vE '^(.*/ld-linux[^/]*|linux-vdso\.so\.1|libc\.so\.6|libm\.so\.6|libdl\.so\.2)$' || true)
if [ -n "$others" ]; then
    echo "linked with more than libc and libm: $others"
    exit 1
fi
