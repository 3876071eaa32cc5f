#!/bin/sh
# check_libwordspot_only.sh SOURCE SCRATCH CC MAKE_MODEL: builds the recognising library by itself
# (WS_LIBWORDSPOT_ONLY), where CMake finds no other package than protobuf-c, and checks what it
# installs as check_libwordspot.sh does. CMAKE_C_COMPILER_LAUNCHER may name a cache of the compiler.
set -eu

CMAKE_GENERATOR=Ninja
export CMAKE_GENERATOR
source=$1 scratch=$2 cc=$3 make_model=$4
max_bytes=400000
rm -rf "$scratch"
mkdir -p "$scratch/packages"
cp "$(pkg-config --variable=pcfiledir libprotobuf-c)/libprotobuf-c.pc" "$scratch/packages"
export PKG_CONFIG_LIBDIR="$scratch/packages"
if ! cmake -S "$source" -B "$scratch/build" -DWS_LIBWORDSPOT_ONLY=ON -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON \
    -DCMAKE_DISABLE_FIND_PACKAGE_MPI=ON > "$scratch/log" 2>&1 ||
    ! cmake --build "$scratch/build" >> "$scratch/log" 2>&1; then
    cat "$scratch/log"
    exit 1
fi
exec "$source/tests/install/check_libwordspot.sh" "$source" "$scratch/build" "$scratch/installed" \
    "$cc" "$make_model" "$max_bytes"
