# What the scripts that make runs share; they define `train NAME`, which becomes wordspot. Started
# as SCRIPT PROGRAMS DIR: PROGRAMS is a colon list of the folders of wordspot and make_dataset, DIR is
# made from scratch, and the script continues in it.
# shellcheck shell=sh
PATH=$1:$PATH
rm -rf "$2"
mkdir -p "$2"
cd "$2"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT

# Says why, shows a log, and ends.
fail() {
    echo "$(basename "$0"): $1" >&2
    cat "$2" >&2
    exit 1
}

# Starts a run and sends it the signal some steps after its first checkpoint.
stop_with() {
    : >"$2.log"
    (train "$2") >"$2.log" 2>&1 &
    process=$!
    until grep -q '^Step #25:' "$2.log"; do
        kill -0 "$process" 2>/dev/null || fail "$2 ended too early" "$2.log"
        sleep 0.02
    done
    kill -s "$1" "$process"
    wait "$process" 2>/dev/null || true
    process=
    if grep -q '^Final' "$2.log"; then
        fail "$2 was too fast to be stopped" "$2.log"
    fi
}

resume() {
    wordspot train --start_checkpoint="$1" >"$1.resumed.log" 2>&1 ||
        fail "$1 could not be resumed" "$1.resumed.log"
    grep -q '^Final test accuracy' "$1.resumed.log" || fail "$1 did not end" "$1.resumed.log"
}
