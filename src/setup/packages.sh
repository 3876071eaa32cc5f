#!/bin/sh
# Installs the Debian (or Ubuntu) packages that are missing. Nothing is asked and, where all are
# there already, nothing is done: no root, no network.
#
#     sh src/setup/packages.sh build         what building and `wordspot synth` need
#     sh src/setup/packages.sh build test    what the tests need, too
#     sh src/setup/packages.sh --list build  only names those that are missing
set -eu

# A compiler, the libraries, the program that speaks, and a home for TensorBoard.
build_packages='
    ca-certificates
    cmake
    espeak-ng
    gcc
    libarchive-dev
    libasound2-dev
    libc6-dev
    libjansson-dev
    libcurl4-openssl-dev
    libopenblas-dev
    libprotobuf-c-dev
    libsndfile1-dev
    libsoxr-dev
    libunistring-dev
    nettle-dev
    ninja-build
    pkg-config
    protobuf-c-compiler
    python3-venv
    zlib1g-dev
'

# The library of the unit tests; C++ to compile the public header with; Clang with its OpenMP for the
# thread sanitizer; the browser that looks at TensorBoard, with fonts; Slurm and GNU parallel, which
# hand a sweep's trials to other machines.
test_packages='
    chromium
    chromium-driver
    clang
    fonts-dejavu-core
    g++
    libcmocka-dev
    libomp-dev
    munge
    openssl
    parallel
    procps
    python3
    slurm-wlm
'

fail() {
    echo "packages.sh: $*" >&2
    exit 1
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# As root where we are not: through sudo, which may ask for a password on a terminal.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

list_only=false
if [ "${1-}" = --list ]; then
    list_only=true
    shift
fi
[ $# -gt 0 ] || fail "expected a list of packages: build, test or both"

wanted=
for list; do
    case $list in
    build) wanted="$wanted $build_packages" ;;
    test) wanted="$wanted $test_packages" ;;
    *) fail "$list: no such list of packages; expected build or test" ;;
    esac
done

command -v dpkg-query >/dev/null ||
    fail "no dpkg here, so this is no Debian or Ubuntu; needed, by whatever names:$wanted"

missing=
for package in $wanted; do
    is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if $list_only; then
    echo "${missing# }"
    exit 0
fi

if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    fail "neither root nor sudo; ask someone who is to run: apt-get install$missing"
fi
echo "Installing:$missing" >&2
as_root apt-get update -qq
# shellcheck disable=SC2086 # one word a package
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 \
    --no-install-recommends $missing
