#!/bin/sh
# check_c_names.sh TEST_C_NAME CC: every name that a header of C17 declares as a function or type, or defines as a macro,
# is refused for an array (test_c_name NAME...). Names that begin with _ are left out.
set -eu

test_c_name=$1 cc=$2
all=$(mktemp)
trap 'rm -f "$all"' EXIT
for header in assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg \
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype; do
    printf '#include <%s.h>\n' "$header"
done >"$all"
macros=$("$cc" -std=c17 -x c -E -dM "$all" | sed -n 's/^#define \([A-Za-z][A-Za-z0-9_]*\).*/\1/p')
declared=$("$cc" -std=c17 -x c -E -P "$all" |
    grep -oE '\b[A-Za-z][A-Za-z0-9_]*( *\(|_t\b)' | sed 's/ *(//' | sort -u)
# shellcheck disable=SC2086
set -- $macros $declared
[ $# -ge 1000 ] || { echo "only $# names were found in the headers"; exit 1; }
exec "$test_c_name" "$@"
