# Ctrl-C and SIGTERM end the step, save, and say how to resume; a second one ends at once.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
long="--how_many_training_steps=100000,0 --save_step_interval=1000000 --eval_step_interval=1000000"
# A shell starts its background jobs deaf to Ctrl-C; env undoes that.
start() {
    : >log
    # shellcheck disable=SC2086
    env --default-signal=INT wordspot train $small $long "$@" 2>log &
    process=$!
    until grep -q "^Step #${steps_first:-3}:" log; do
        kill -0 $process || { cat log; exit 1; }
        sleep 0.05
    done
}
for signal in INT TERM; do
    echo "--- $signal"
    start --train_dir=t --summaries_dir=l
    kill -s $signal $process
    wait $process
    echo "exit code $?"
    tail -4 log | sed -E 's/[0-9]+/#/g'
    step=$(ls t | sed -n 's/^tiny_conv.ckpt-\([0-9]*\).index/\1/p')
    echo "as many steps in the event file as in the checkpoint:"
    for run in l/*; do
        n_points=$(python3 "$SUPPORT/read_events.py" "$run/train" | grep -c 'eval/accuracy')
    done
    [ "$n_points" = "$step" ] && echo yes
    command=$(grep 'wordspot train --start' log)
    # the command that was printed continues with the next step
    eval "$command --how_many_training_steps=$((step + 2)),0" 2>next.log
    grep '^Training' next.log | sed "s/$((step + 1))/step after it/"
    grep -c '^Step #' next.log
    rm -rf t l
done

echo "--- twice"
steps_first=1
start --train_dir=t --summaries_dir=l --model_architecture=conv --engine=reference --batch_size=30
kill -s INT $process
sleep 0.05
kill -s INT $process
wait $process
echo "exit code $?"
python3 "$SUPPORT/read_events.py" l/*/train >/dev/null && echo "events whole"
find t -name '*.tmp-*'
