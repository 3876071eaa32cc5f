#!/bin/sh
# make_logs.sh PROGRAMS DIR
#
# Three runs with the same settings, in DIR/logs, for the tests that look at them: `plain` runs
# through, `killed` and `interrupted` are stopped half way (SIGKILL, Ctrl-C) and resumed. So all
# three have to show the same curves. Their checkpoints are in DIR/<run>, their output in
# DIR/<run>.log. PROGRAMS and DIR as runs.sh says.
set -eu
. "$(dirname "$0")/runs.sh"

# A batch that is large for so small a set: a step has to last while we look at the log.
train() {
    exec env --default-signal=INT wordspot train --train_dir="$1" --run_name="$1" \
        --data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=50 \
        --how_many_training_steps=40,20 --learning_rate=0.01,0.001 \
        --eval_step_interval=20 --save_step_interval=20 --summaries_dir=logs
}

make_dataset data yes no other
(train plain) >plain.log 2>&1 || fail "plain failed" plain.log
stop_with KILL killed
resume killed
stop_with INT interrupted
resume interrupted
echo "made $(ls logs | tr '\n' ' ')"
