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

# Hides the figures that differ in the last digit from one processor to the next.
mask() {
    sed -e 's/accuracy [0-9.]*%/accuracy #%/' -e 's/accuracy = [0-9.]*%/accuracy = #%/' \
        -e 's/cross entropy [0-9.]*/cross entropy #/' -e '/^ \[/s/[0-9][0-9]*/#/g' \
        -e '/^ \[/s/  */ /g'
}
