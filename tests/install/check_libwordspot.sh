#!/bin/sh
# check_libwordspot.sh SOURCE BUILD SCRATCH CC MAKE_MODEL [MAX_BYTES]: installs the recognising
# library alone and builds the example against it as a stranger would: static and shared, in C and
# C++, with CMake and with pkg-config. All must hear the same words. CXX names the C++ compiler (c++).
set -eu

CMAKE_GENERATOR=Ninja
export CMAKE_GENERATOR
source=$1 build=$2 scratch=$3 cc=$4 make_model=$5 cxx=${CXX:-c++}
here=$source/tests/install/spot
prefix=$scratch/moved
warnings="-Wall -Wextra -pedantic -Werror"
max_bytes=${6:-670000} # of the shared library without its symbols

fail()
{
    echo "check_libwordspot: $*" >&2
    exit 1
}

quietly() # command...: its output only where it fails
{
    "$@" > "$scratch/log" 2>&1 || { cat "$scratch/log"; fail "failed: $*"; }
}

# run_example program name: what it hears is what the first one heard
run_example()
{
    LD_LIBRARY_PATH=${3:-} "$1" "$scratch/model.pb" "$scratch/labels.txt" < "$scratch/sound.raw" > "$scratch/words" ||
        fail "$2: the example failed"
    [ "$(wc -l < "$scratch/words")" -ge 3 ] || fail "$2: fewer than three words were heard"
    [ -f "$scratch/first_words" ] || cp "$scratch/words" "$scratch/first_words"
    diff "$scratch/first_words" "$scratch/words" || fail "$2: other words than with the first example"
    echo "ok: $2"
}

check_header()
{
    cat > "$scratch/header.c" <<'END'
#include <wordspot/wordspot.h>
static inline size_t size_of_options(void)
{
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    return options.struct_size;
}
END
    { echo 'extern "C" {'; cat "$scratch/header.c"; echo '}'; } > "$scratch/header.cc"
    for standard in c99 c11 c17; do
        quietly "$cc" -std=$standard $warnings -I "$prefix/include" -fsyntax-only "$scratch/header.c"
    done
    command -v "$cxx" > /dev/null || return 0
    for standard in c++11 c++17; do
        quietly "$cxx" -std=$standard $warnings -I "$prefix/include" -fsyntax-only "$scratch/header.cc"
    done
    echo "ok: the header compiles alone"
}

# check_names library nm_option: what the header declares is visible, and no more
check_names()
{
    nm "$2" --defined-only "$1" | awk 'NF >= 3 { print $NF }' | sort > "$scratch/names"
    grep -o '^WORDSPOT_API [^(]*(' "$prefix/include/wordspot/wordspot.h" |
        sed 's/.*[ *]\(wordspot_[a-z_0-9]*\)($/\1/' | sort > "$scratch/declared"
    [ -s "$scratch/declared" ] || fail "the header declares nothing"
    diff "$scratch/declared" "$scratch/names" || fail "$1: the header and the visible names differ"
    echo "ok: names of ${1##*/}"
}

check_shared()
{
    others=$(ldd "$1" | sed 's/^[[:space:]]*//; s/ .*//' |
        grep -vE '^(.*/ld-linux[^/]*|linux-vdso\.so\.1|libc\.so\.6|libm\.so\.6)$' || true)
    [ -z "$others" ] || fail "$1 needs more than libc and libm: $others"
    strip -o "$scratch/stripped.so" "$1"
    bytes=$(wc -c < "$scratch/stripped.so")
    [ "$bytes" -le "$max_bytes" ] || fail "$1 has $bytes bytes, expected at most $max_bytes"
    echo "ok: needs libc and libm, $bytes bytes"
}

rm -rf "$scratch"
mkdir -p "$scratch"
"$make_model" "$scratch"
quietly cmake --install "$build" --component libwordspot --prefix "$scratch/first"
mv "$scratch/first" "$prefix" # nothing may remember where it was
if grep -rIl -e "$scratch/first" -e "$source" "$prefix"; then
    fail "these files know where they were built"
fi
pc=$(find "$prefix" -name wordspot.pc)
[ -n "$pc" ] || fail "wordspot.pc is not installed"
export PKG_CONFIG_PATH="${pc%/*}"
libdir=$(pkg-config --variable=libdir wordspot)
version=$(sed -n 's/^#define WORDSPOT_VERSION_STRING "\(.*\)"$/\1/p' "$prefix/include/wordspot/wordspot.h")
[ "$(pkg-config --modversion wordspot)" = "$version" ] || fail "the version in wordspot.pc is not $version"

check_header
check_names "$libdir/libwordspot.so" -D
check_names "$libdir/libwordspot.a" -g
check_shared "$libdir/libwordspot.so"

quietly cmake -S "$here" -B "$scratch/example" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$prefix"
quietly cmake --build "$scratch/example"
for program in spot_static spot_shared spot_cc; do
    [ ! -x "$scratch/example/$program" ] || run_example "$scratch/example/$program" "find_package, $program"
done
shared_flags="$(pkg-config --cflags --libs wordspot) -Wl,-rpath,$libdir"
static_flags="$(pkg-config --cflags wordspot) $libdir/libwordspot.a -lm"
quietly "$cc" -std=c99 $warnings "$here/spot.c" $shared_flags -o "$scratch/spot_pc"
run_example "$scratch/spot_pc" "pkg-config, shared"
quietly "$cc" -std=c99 $warnings "$here/spot.c" $static_flags -o "$scratch/spot_a"
run_example "$scratch/spot_a" "pkg-config, static"
if command -v "$cxx" > /dev/null; then
    quietly "$cxx" -std=c++11 $warnings "$here/spot.cc" $static_flags -o "$scratch/spot_cc"
    run_example "$scratch/spot_cc" "static, C++"
fi
