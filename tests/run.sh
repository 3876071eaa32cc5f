#!/bin/sh
# Installs what is missing, builds, and runs all tests; the one command for people and for CI:
#
#     sh tests/run.sh
#
# Works from a fresh clone on a bare Debian 12 as root or with sudo. All that it makes is under
# tmp/. The last line is `N passed, N failed, N skipped`; the exit code is 0 only if none failed.
# Where PyPI is out of reach the interop tests, and a part of cli_tutorial, are skipped.
# tests/README.md says which tests run in which build, and why.
set -eu

# What the interop tests hold us against, each in its newest version.
python_packages='tensorboard>=2.21 tensorflow selenium html5lib tbparse trackio pillow numpy ai-edge-litert tflite-micro pymicro-wakeword onnx onnxruntime'
# What runs under the address and undefined sanitizers. Golden figures, the tutorial and killed sweeps
# compare numbers and processes, which are the same in both builds: they run once, without.
sanitized='^(unit|grad|kernels|fuzz|faults|short)$'
# What runs under the thread sanitizer.
threaded='^threads$'

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
results=tmp/test-results
venv=$root/tmp/venv

n_passed=0
n_failed=0
n_skipped=0
summary=

say() {
    printf '\n== %s\n' "$*"
}

# Adds a line to the table at the end.
note() {
    summary="$summary$(printf '%-28s %s' "$1" "$2")
"
}

finish() {
    printf '\n%s\n' "$summary"
    echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
    [ "$n_failed" -eq 0 ]
    exit
}

# step <name> <command>...: one without which the rest makes no sense.
step() {
    name=$1
    shift
    say "$name"
    if ! "$@"; then
        n_failed=$((n_failed + 1))
        note "$name" "failed"
        finish
    fi
}

# The number that a JUnit file gives as that attribute of its test suite: 0 if there is none.
junit_count() {
    n=$(sed -n "/<testsuite /,/>/s/.*[[:space:]]$2=\"\([0-9][0-9]*\)\".*/\1/p" "$1" | head -n 1)
    echo "${n:-0}"
}

# Runs ctest with the arguments after the name and preset, and counts the results.
run_tests() {
    name=$1
    preset=$2
    shift 2
    say "$name"
    report=$root/$results/$(echo "$name" | tr ' ' '-').xml
    rm -f "$report" "tmp/build/$preset/Testing/Temporary/LastTestsFailed.log"
    code=0
    ctest --test-dir "tmp/build/$preset" --output-on-failure --output-junit "$report" "$@" ||
        code=$?
    tests=0 failed=0 skipped=0
    if [ -f "$report" ]; then
        tests=$(junit_count "$report" tests)
        failed=$(junit_count "$report" failures)
        skipped=$(($(junit_count "$report" skipped) + $(junit_count "$report" disabled)))
    fi
    # ctest itself went wrong, or ran nothing where there should be tests
    if [ "$failed" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$tests" -eq 0 ]; }; then
        failed=1
        tests=$((tests + 1))
    fi
    n_passed=$((n_passed + tests - failed - skipped))
    n_failed=$((n_failed + failed))
    n_skipped=$((n_skipped + skipped))
    note "$name" "$((tests - failed - skipped)) passed, $failed failed, $skipped skipped"
    note_names "$preset"
}

# Under a line of the table: which tests failed, and why others were skipped, as ctest's log has it.
note_names() {
    log=tmp/build/$1/Testing/Temporary
    [ ! -f "$log/LastTestsFailed.log" ] ||
        while IFS=: read -r _ failure; do
            note "" "failed: $failure"
        done <"$log/LastTestsFailed.log"
    while read -r reason; do
        [ -z "$reason" ] || note "" "$reason"
    done <<REASONS
$(grep -h '^skipped: ' "$log/LastTest.log" 2>/dev/null | sort -u)
REASONS
}

# build <preset> [<target>]: configures and builds; all targets unless one is named.
# shellcheck disable=SC2317 # called through step
build() {
    cmake --preset "$1" -DWS_BUILD_TESTS=ON && cmake --build --preset "$1" ${2:+--target "$2"}
}

mkdir -p "$results"
step "packages" sh src/setup/packages.sh build test

# From the network while the processors build.
# shellcheck disable=SC2086 # one word a package
sh src/setup/venv.sh "$venv" $python_packages >"$results/python.log" 2>&1 &
python=$!
step "build release" build release
step "build asan" build asan sanitized
step "build tsan" build tsan threaded

say "Python environment"
if wait "$python"; then
    WS_TEST_PYTHON=$venv/bin/python
    export WS_TEST_PYTHON
else
    echo "Not complete: PyPI is out of reach. What needs it is skipped."
fi
cat "$results/python.log"

n_jobs=$(nproc)
# As many tests as cores, with several threads each: threads that spin while they wait would keep
# the others from working.
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY
run_tests "release" release --parallel "$n_jobs"
# A sanitizer looks at every access, not at every figure: the kernels' tests take fewer sizes.
WS_TEST_THIN=1
export WS_TEST_THIN
run_tests "asan" asan --label-regex "$sanitized" --parallel "$n_jobs"
# Archer tells the sanitizer what OpenMP waits for; libgomp and OpenBLAS are not its business.
OMP_TOOL_LIBRARIES=$(clang -print-resource-dir)/../../libarcher.so
TSAN_OPTIONS='ignore_noninstrumented_modules=1 halt_on_error=1'
export OMP_TOOL_LIBRARIES TSAN_OPTIONS
run_tests "tsan" tsan --label-regex "$threaded" --parallel "$n_jobs"
finish
