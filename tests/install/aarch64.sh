#!/bin/sh
# aarch64.sh [DIRECTORY]: builds the program and libwordspot for 64-bit ARM (a Raspberry Pi), and
# runs the unit, kernels and golden tests under QEMU. Not part of any other test: it downloads some
# 100 packages of Debian and takes an hour on two cores.
#
# A test that takes more than 15 minutes under QEMU is stopped and named. Tests that have passed are
# not run again with the same build, so that the script may be interrupted and continued.
#
# Needs Debian with gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static. The libraries
# are downloaded and unpacked in DIRECTORY, by default tmp/aarch64; nothing is installed. Run it again
# after a failure: what is there is kept.
set -eu

source=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
mkdir -p "${1:-$source/tmp/aarch64}"
root=$(CDPATH='' cd -- "${1:-$source/tmp/aarch64}" && pwd)
sysroot=$root/sysroot
compiler=aarch64-linux-gnu-gcc
emulator=qemu-aarch64-static

for program in $compiler $emulator; do
    command -v $program > /dev/null || {
        echo "aarch64.sh: $program is missing: install gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and" \
            "qemu-user-static" >&2
        exit 1
    }
done

# A state of its own, in which nothing is installed: all packages and what they need are downloaded.
fetch()
{
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$sysroot"
    set -- -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State::lists=$root/lists" \
        -o "Dir::Cache=$root/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User= \
        -o Debug::NoLocking=1 -o APT::Install-Recommends=0
    apt-get "$@" update
    apt-get "$@" install --download-only -y libc6-dev libgomp1 linux-libc-dev zlib1g-dev \
        libprotobuf-c-dev libsndfile1-dev libsoxr-dev libopenblas-pthread-dev libasound2-dev \
        libjansson-dev nettle-dev libcurl4-openssl-dev libarchive-dev libunistring-dev libcmocka-dev
    for package in "$root"/cache/archives/*.deb; do
        dpkg -x "$package" "$sysroot"
    done
    touch "$root/fetched"
}

write_toolchain()
{
    cat > "$root/toolchain.cmake" << END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER $compiler)
set(CMAKE_SYSROOT $sysroot)
set(CMAKE_FIND_ROOT_PATH $sysroot)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR $emulator;-L;$sysroot)
END
}

# The other byte order of the same processor: CMake must refuse it.
check_big_endian()
{
    if cmake -S "$source" -B "$root/big" -G Ninja "-DCMAKE_TOOLCHAIN_FILE=$root/toolchain.cmake" \
        -DCMAKE_C_FLAGS=-mbig-endian -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
        -DWS_LIBWORDSPOT_ONLY=ON > "$root/log" 2>&1 || ! grep -q big-endian "$root/log"; then
        cat "$root/log"
        echo "aarch64.sh: a big-endian processor is not refused" >&2
        exit 1
    fi
    rm -rf "$root/big"
    echo "ok: big-endian is refused"
}

[ -f "$root/fetched" ] || fetch
write_toolchain
lib=$sysroot/usr/lib/aarch64-linux-gnu
export PKG_CONFIG_SYSROOT_DIR="$sysroot"
export PKG_CONFIG_LIBDIR="$lib/pkgconfig:$sysroot/usr/share/pkgconfig:$lib/openblas-pthread/pkgconfig"
check_big_endian
cmake -S "$source" -B "$root/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    "-DCMAKE_TOOLCHAIN_FILE=$root/toolchain.cmake" > "$root/log" || {
    cat "$root/log"
    exit 1
}
set -- wordspot libwordspot_shared libwordspot_static tests/unit/all tests/kernels/all \
    tests/golden/all tests/support/all
ninja -C "$root/build" -n "$@" | grep -q 'no work to do' || rm -f "$root/passed"
ninja -C "$root/build" "$@"
touch "$root/passed"
# the emulator finds OpenBLAS where Debian's alternatives would point to
export QEMU_LD_PREFIX="$sysroot"
export LD_LIBRARY_PATH="$lib/openblas-pthread"
export OMP_NUM_THREADS=2 WS_TEST_THIN=1

n_passed=0 n_failed=0 n_slow=0
for label in kernels golden unit; do
    # these start programs of the other processor without the emulator
    tests=$(ctest --test-dir "$root/build" -N -L "^$label\$" \
        -E '^(infer_alone|c_names|test_synth|test_synth_wake)$' |
        sed -n 's/^ *Test *#[0-9]*: //p')
    for test in $tests; do
        if grep -qx "$test" "$root/passed"; then
            n_passed=$((n_passed + 1))
        elif ctest --test-dir "$root/build" -R "^$test\$" --output-on-failure > "$root/log" 2>&1; then
            echo "ok: $test, $(sed -n 's/^Total Test time (real) = *//p' "$root/log")"
            echo "$test" >> "$root/passed"
            n_passed=$((n_passed + 1))
        elif grep -q '\*\*\*Timeout' "$root/log"; then
            echo "slow: $test was stopped, $(sed -n 's/^Total Test time (real) = *//p' "$root/log")"
            n_slow=$((n_slow + 1))
        else
            cat "$root/log"
            echo "FAILED: $test"
            n_failed=$((n_failed + 1))
        fi
    done
done
echo "$n_passed tests passed, $n_failed failed, $n_slow were too slow to end"
[ $n_failed -eq 0 ] && [ $n_passed -gt 0 ]
