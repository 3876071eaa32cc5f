#!/bin/sh
# From nothing to a trained model and its curves in TensorBoard, in a few minutes:
#
#     sh src/quick_start.sh
#
# Installs the missing packages, builds, makes a small data set of synthetic speech, trains on it.
# All that it makes is under tmp/. Run again, it resumes where it stopped.
set -eu

# What is trained, and how.
words=yes,no,up,down,left,right,on,off,stop,go
architecture=conv
steps=700,200
rates=0.02,0.002
batch_size=100
eval_steps=100
save_steps=300
log_steps=100

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
wordspot=tmp/build/release/wordspot
data_dir=tmp/synth_dataset
logs_dir=tmp/retrain_logs
train_dir=tmp/quick_start
run_name=quick_start
venv=tmp/venv

say() {
    printf '\n== %s\n' "$*"
}

# The step of the newest checkpoint; nothing if there is none.
newest_step() {
    sed -n 's/^model_checkpoint_path: ".*-\([0-9][0-9]*\)"$/\1/p' "$train_dir/checkpoint" \
        2>/dev/null || true
}

train() {
    set -- --data_dir="$data_dir" --data_url= --wanted_words="$words" \
        --model_architecture="$architecture" \
        --how_many_training_steps="$steps" --learning_rate="$rates" --batch_size="$batch_size" \
        --eval_step_interval="$eval_steps" --save_step_interval="$save_steps" \
        --log_step_interval="$log_steps" --summaries_dir="$logs_dir" --train_dir="$train_dir" \
        --run_name="$run_name"
    step=$(newest_step)
    last_step=$((${steps%,*} + ${steps#*,}))
    if [ "${step:-0}" -ge "$last_step" ]; then
        echo "Trained already: $train_dir/$architecture.ckpt-$step (remove $train_dir and"
        echo "$logs_dir/$run_name to start again)"
        return
    fi
    [ -z "$step" ] || set -- "$@" --start_checkpoint="$train_dir/$architecture.ckpt-$step"
    "$wordspot" train "$@"
}

say "Packages"
sh src/setup/packages.sh build

say "Build"
cmake --preset release -DWS_BUILD_TESTS=OFF
cmake --build --preset release

say "Speech: $data_dir"
"$wordspot" synth --data_dir="$data_dir" --words="$words"

say "Training: $architecture"
train

say "TensorBoard"
# 2.20 and older fail with a new setuptools
if sh src/setup/venv.sh "$venv" 'tensorboard>=2.21'; then
    tensorboard=$venv/bin/tensorboard
else
    echo "It could not be installed from PyPI. With a network: pip install 'tensorboard>=2.21'"
    tensorboard=tensorboard
fi

cat <<TEXT

Done. This shows it in the browser (http://localhost:6006), also while a training runs:

    $tensorboard --logdir $logs_dir

Scalars has the curves of accuracy and loss, Images the confusion matrix.
README.md continues from here: real speech, resuming, other models.
TEXT
