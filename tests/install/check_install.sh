#!/bin/sh
# check_install.sh SOURCE SCRATCH CC: installs the event-file library alone, static and shared, and
# builds the examples against it as a stranger would: in C and C++, with CMake and with pkg-config.
# Fails with a line that says what is wrong. CXX names the C++ compiler (c++); without one that part
# is skipped.
set -eu

# the generator that the project itself is built with: the others' programs may not be there
CMAKE_GENERATOR=Ninja
export CMAKE_GENERATOR
source=$1 scratch=$2 cc=$3 cxx=${CXX:-c++}
here=$source/tests/install/example
warnings="-Wall -Wextra -pedantic -Werror"

fail()
{
    echo "check_install: $*" >&2
    exit 1
}

quietly() # command...: its output only where it fails
{
    "$@" > "$scratch/log" 2>&1 || { cat "$scratch/log"; fail "failed: $*"; }
}

# run_example program name: runs it and reads its file back
run_example()
{
    rm -rf "$scratch/logs"
    "$1" "$scratch/logs/run" || fail "$2: the example failed"
    python3 "$source/tests/support/read_events.py" "$scratch/logs/run" > "$scratch/values" ||
        fail "$2: its event file cannot be read"
    [ "$(grep -c '^example/square ' "$scratch/values")" -eq 100 ] || fail "$2: not 100 values in the event file"
    grep -q '^example/square 99 0x1\.3248.*p+13$' "$scratch/values" ||
        fail "$2: the last value is not 99 * 99"
    echo "ok: $2"
}

# use_initialisers header: a function that initialises a structure by each macro for it
use_initialisers()
{
    sed -n 's/^#define \(TBE_[A-Z_]*_INIT\) .*/\1/p' "$1" | while read -r macro; do
        type=$(echo "${macro%_INIT}" | tr '[:upper:]' '[:lower:]')
        echo "static inline size_t size_of_$type(void) { $type made = $macro; return made.struct_size; }"
    done
}

# check_headers include_dir: each header alone, in each standard
check_headers()
{
    for header in "$1"/tbevents/*.h; do
        echo "#include <tbevents/${header##*/}>" > "$scratch/header.c"
        use_initialisers "$header" >> "$scratch/header.c"
        for standard in c99 c11 c17; do
            quietly "$cc" -std=$standard $warnings -I "$1" -fsyntax-only "$scratch/header.c"
        done
        command -v "$cxx" > /dev/null || continue
        { echo 'extern "C" {'; cat "$scratch/header.c"; echo '}'; } > "$scratch/header.cc"
        for standard in c++11 c++17; do
            quietly "$cxx" -std=$standard $warnings -I "$1" -fsyntax-only "$scratch/header.cc"
        done
    done
    python3 "$source/tests/install/header_examples.py" "$1"/tbevents/*.h > "$scratch/examples.c" ||
        fail "the headers lack examples"
    quietly "$cc" -std=c99 $warnings -I "$1" -fsyntax-only "$scratch/examples.c"
    echo "ok: each header compiles alone, and its examples do"
}

# check_exports library include_dir: what the headers declare leaves a shared library, and no more
check_exports()
{
    nm -D --defined-only "$1" | awk '{ print $NF }' | sort > "$scratch/exports"
    grep -q '^tbe_open$' "$scratch/exports" || fail "$1 does not export tbe_open"
    if grep -v '^tbe_' "$scratch/exports"; then
        fail "$1 exports other names than tbe_"
    fi
    cat "$2"/tbevents/*.h | grep -o '^TBE_API [^(]*(' | sed 's/.*[ *]\(tbe_[a-z_]*\)($/\1/' | sort > "$scratch/declared"
    diff "$scratch/declared" "$scratch/exports" || fail "the header and the exports differ"
    echo "ok: exports"
}

# install_kind static|shared: leaves the installation in $scratch/<kind>/moved
install_kind()
{
    shared=$([ "$1" = shared ] && echo ON || echo OFF)
    quietly cmake -S "$source" -B "$scratch/$1/build" -DCMAKE_C_COMPILER="$cc" \
        -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS="$shared" -DWS_BUILD_TESTS=OFF
    quietly cmake --build "$scratch/$1/build" --target tbevents
    quietly cmake --install "$scratch/$1/build" --component tbevents --prefix "$scratch/$1/first"
    mv "$scratch/$1/first" "$scratch/$1/moved" # nothing may remember where it was
    if grep -rl "$scratch/$1/first" "$scratch/$1/moved" || grep -rIl "$source" "$scratch/$1/moved"
    then
        fail "$1: these files know where they were built"
    fi
}

check_kind()
{
    kind=$1
    install_kind "$kind"
    prefix=$scratch/$kind/moved
    pc=$(find "$prefix" -name tbevents.pc)
    [ -n "$pc" ] || fail "$kind: tbevents.pc is not installed"
    export PKG_CONFIG_PATH="${pc%/*}"
    libdir=$(pkg-config --variable=libdir tbevents)
    version=$(sed -n 's/^#define TBE_VERSION_STRING "\(.*\)"$/\1/p' "$prefix/include/tbevents/core.h")
    [ "$(pkg-config --modversion tbevents)" = "$version" ] ||
        fail "$kind: the version in tbevents.pc is not $version"

    quietly cmake -S "$here" -B "$scratch/$kind/example" -DCMAKE_C_COMPILER="$cc" \
        -DCMAKE_PREFIX_PATH="$prefix"
    quietly cmake --build "$scratch/$kind/example"
    run_example "$scratch/$kind/example/example" "$kind, find_package"
    if [ -x "$scratch/$kind/example/example_cc" ]; then
        run_example "$scratch/$kind/example/example_cc" "$kind, find_package, C++"
    fi

    if [ "$kind" = static ]; then
        flags=$(pkg-config --static --cflags --libs tbevents)
        check_headers "$prefix/include"
    else
        flags="$(pkg-config --cflags --libs tbevents) -Wl,-rpath,$libdir"
        check_exports "$libdir/libtbevents.so" "$prefix/include"
    fi
    quietly "$cc" -std=c99 $warnings "$here/example.c" $flags -o "$scratch/$kind/example_pc"
    run_example "$scratch/$kind/example_pc" "$kind, pkg-config"
    if command -v "$cxx" > /dev/null; then
        quietly "$cxx" -std=c++11 $warnings "$here/example.cc" $flags -o "$scratch/$kind/example_cc"
        run_example "$scratch/$kind/example_cc" "$kind, pkg-config, C++"
    else
        echo "skipped: $kind, C++ (there is no $cxx)"
    fi
}

rm -rf "$scratch"
mkdir -p "$scratch"
check_kind static
check_kind shared
