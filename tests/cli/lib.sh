# What the cases share: `. "$CASES/lib.sh"` at their top.
# shellcheck shell=sh

# Shows a command, runs it, and shows its exit code where that is not 0.
run() {
    echo "\$ $*"
    "$@"
    last_code=$?
    [ "$last_code" = 0 ] || echo "(exit code $last_code)"
}

# Makes data/: three words (yes, no, other), 30 speakers each, and background noise.
make_data() {
    make_dataset data yes no other
}

# The flags of a run that takes a second: a small network on the data of make_data.
small="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=10"
small="$small --how_many_training_steps=8,2 --learning_rate=0.01,0.001"
small="$small --eval_step_interval=5 --save_step_interval=5"

# A sweep of eight trials that take seconds: the flags before and after `--`.
# shellcheck disable=SC2034 # the cases use it
eight_trials="--param learning_rate=0.01,0.001 --param batch_size=10,20 --seeds=2"
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv"
fixed="$fixed --how_many_training_steps=20 --eval_step_interval=10 --save_step_interval=10"

# A sweep's results.csv without the seconds.
columns() {
    cut -d, -f1-12,14- "$1"
}

# Serves archives/ (fault_server.py) until the case ends; sets $server to "http://HOST:PORT".
start_server() {
    mkfifo server.hold
    python3 "$SUPPORT/fault_server.py" archives <server.hold >server.port &
    exec 3>server.hold
    until [ -s server.port ]; do sleep 0.05; done
    server=http://127.0.0.1:$(cat server.port)
}

# Skips the case where no pseudo-terminal can be opened, as in some containers.
need_terminal() {
    python3 -c 'import os; os.openpty()' 2>/dev/null || {
        echo "skipped: no pseudo-terminal here"
        exit 77
    }
}

# Hides what differs from one server, disk and libcurl to the next.
mask_server() {
    sed -E -e 's/(cannot be downloaded: )[^;]*/\1(reason)/' -e "s|$server|http://SERVER|g" -e 's/[0-9.]+ [kMGTPE]?B(ytes)? (are free|free)/# B free/' \
        -e 's/[0-9.]+ [kMGTPE]B/# B/g' -e 's/[0-9]+ bytes/# bytes/g' -e 's/byte [0-9]+/byte #/g' \
        -e 's/entry [0-9]+/entry #/g'
}

# Hides the figures that differ in the last digit from one processor to the next.
mask() {
    sed -e 's/accuracy [0-9.]*%/accuracy #%/' -e 's/accuracy = [0-9.]*%/accuracy = #%/' \
        -e 's/cross entropy [0-9.]*/cross entropy #/' -e '/^ \[/s/[0-9][0-9]*/#/g' \
        -e '/^ \[/s/  */ /g'
}
