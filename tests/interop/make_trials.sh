#!/bin/sh
# make_trials.sh PROGRAMS DIR
#
# A sweep as a plain shell loop, in DIR/logs, for the test of the HParams page: two learning rates
# with three seeds each, and one that is far too high. slow-3 ends
# with a Ctrl-C; quick-3 is stopped by one and resumed. PROGRAMS and DIR as runs.sh says.
set -eu
. "$(dirname "$0")/runs.sh"

# The name of a run says its settings: <how>-<seed>.
train() {
    case ${1%-*} in
        slow) rate=0.001 ;;
        quick) rate=0.01 ;;
        wild) rate=1e30 ;;
    esac
    exec env --default-signal=INT wordspot train --train_dir="$1" --run_name="$1" \
        --data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=50 \
        --how_many_training_steps=40,20 --learning_rate="$rate",0.0005 --seed="${1##*-}" \
        --eval_step_interval=20 --save_step_interval=20 --summaries_dir=logs
}

make_dataset data yes no other
for run in slow-1 slow-2 quick-1 quick-2; do
    (train $run) >$run.log 2>&1 || fail "$run failed" $run.log
done
if (train wild-1) >wild-1.log 2>&1; then
    fail "wild-1 did not fail" wild-1.log
fi
stop_with INT slow-3
stop_with INT quick-3
resume quick-3
echo "made $(ls logs | tr '\n' ' ')"
