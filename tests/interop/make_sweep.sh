#!/bin/sh
# make_sweep.sh PROGRAMS DIR SHARED
#
# A sweep of twelve trials, in DIR/sweep, for the test of the HParams page: three learning rates, of
# which one is far too high, times two batch sizes, with two seeds each. It is killed in the middle
# and resumed; trial 3 cannot begin, and trial 6 is killed. On SHARED/data/speech_commands (SHARED is
# absolute) if that is there, else on synthetic words. PROGRAMS and DIR as runs.sh says.
set -eu
. "$(dirname "$0")/runs.sh"
data=$3/data/speech_commands
words=yes,no,up,down,left,right,stop,go
if [ ! -d "$data" ]; then
    echo "skipped: $data is not there: synthetic words instead of speech"
    words=yes,no
    data=data
    make_dataset data yes no other
fi

# Waits for a file while the sweep runs.
await() {
    until [ -e "$1" ]; do
        kill -0 "$process" 2>/dev/null || fail "the sweep ended before there was $1" events
        sleep 0.02
    done
}
# Kills the training process of a trial.
kill_trial() {
    pid=$(ps -o pid=,ppid=,args= -A |
        awk -v parent="$process" -v name="--run_name=$1" '$2 == parent && index($0, name) { print $1 }')
    [ -n "$pid" ] || fail "$1 has no process" events
    kill -9 "$pid"
}

# where its checkpoints should go stands a file
mkdir -p sweep/trials/0003
: >sweep/trials/0003/checkpoints
: >events
wordspot sweep --dir=sweep --param learning_rate=0.001,0.01,1e30 --param batch_size=50,100 \
    --seeds=2 --jobs=2 -- --data_dir="$data" --data_url= --wanted_words=$words \
    --model_architecture=tiny_conv --how_many_training_steps=60 --eval_step_interval=20 \
    --save_step_interval=5 2>>events &
process=$!
await sweep/trials/0002/checkpoints/checkpoint
kill -9 $process
wait $process 2>/dev/null || true
wordspot sweep --dir=sweep --jobs=2 >ranking 2>>events &
process=$!
await sweep/trials/0006/checkpoints/checkpoint
kill_trial trial-0006
wait $process || [ $? = 1 ] || fail "the sweep did not end" events
process=
echo "made $(ls sweep/logs | tr '\n' ' ')"
