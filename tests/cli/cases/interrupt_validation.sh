# Ctrl-C during a validation: it stops soon, and the resumed run makes that validation first. Weights,
# curves and log lines are those of a run that was not interrupted.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
# a validation of some seconds: clips one by one through a large network in plain loops
slow="--data_dir=data --wanted_words=yes,no --model_architecture=conv --engine=reference"
slow="$slow --batch_size=1 --validation_percentage=20 --eval_step_interval=2 --save_step_interval=5"
# interrupt DIR STEP FLAG...: trains into DIR, and sends SIGINT while the step's validation is running
interrupt() {
    dir=$1
    step=$2
    shift 2
    : >"$dir.log"
    # shellcheck disable=SC2086
    env --default-signal=INT wordspot train $slow --train_dir="$dir" --summaries_dir="l$dir" "$@" 2>"$dir.log" &
    process=$!
    until grep -q "^Step #$step:" "$dir.log"; do
        kill -0 $process || { cat "$dir.log"; exit 1; }
        sleep 0.05
    done
    kill -s INT $process
    wait $process
    echo "exit code $?"
    process=
}
steps() {
    grep -h -E '^(Step|Final| \[|Confusion)' "$@"
}
# shellcheck disable=SC2086
wordspot train $slow --how_many_training_steps=3,0 --train_dir=a --summaries_dir=la 2>a.log || cat a.log
echo "--- between two steps"
interrupt b 2 --how_many_training_steps=3,0
tail -2 b.log
wordspot train --start_checkpoint=b --engine=reference 2>b2.log || cat b2.log
grep -h -E '^(Training|Saving)' b.log b2.log
steps a.log >a.steps
steps b.log b2.log | cmp - a.steps && echo "the same lines"
for name in conv.ckpt-3 best/conv.ckpt-2 best/conv.ckpt-3; do
    [ -e a/$name.index ] || continue
    python3 "$SUPPORT/read_bundle.py" a/$name >weights
    python3 "$SUPPORT/read_bundle.py" b/$name | cmp - weights && echo "the same weights"
done
# (histograms of gradients can only be drawn by the process that made the step)
values() {
    python3 "$SUPPORT/read_events.py" "$1" | grep -v -E '^weights|clips_per_second'
}
for set in train validation test; do
    values la/conv-1/$set >values
    values lb/conv-1/$set | cmp - values &&
        echo "the same curves of $set"
done
run wordspot events check lb/conv-1 | tail -1
echo "--- after the last step: the test is still to come"
interrupt c 1 --how_many_training_steps=1,0
wordspot train --start_checkpoint=c --engine=reference 2>c2.log || cat c2.log
grep -h -E '^(Training|Step 1:|Saving|Final)' c.log c2.log | mask
