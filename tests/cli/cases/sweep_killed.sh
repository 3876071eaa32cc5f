# A killed sweep leaves no process running. Resumed, it comes to the same results: no trial twice,
# each curve complete.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv"
fixed="$fixed --how_many_training_steps=150 --eval_step_interval=50 --save_step_interval=5"
what="$eight_trials --jobs=2"
# Children of a process, without zombies.
children() {
    ps -o pid=,ppid=,stat= -A | awk -v parent="$1" '$2 == parent && $3 !~ /Z/ { print $1 }'
}
# shellcheck disable=SC2086
wordspot sweep --dir=whole $what -- $fixed >whole.ranking 2>/dev/null || echo failed
: >events
# shellcheck disable=SC2086
wordspot sweep --dir=s $what -- $fixed 2>events &
process=$!
for round in 1 2 3; do
    until [ -e s/trials/000$((2 * round - 1))/checkpoints/checkpoint ]; do
        kill -0 $process || exit 1
        sleep 0.02
    done
    trials=$(children $process)
    kill -9 $process
    wait $process 2>/dev/null
    for trial in $trials; do
        n=0
        while kill -0 "$trial" 2>/dev/null && [ $n -lt 100 ]; do # init may take a moment to reap
            sleep 0.02
            n=$((n + 1))
        done
        kill -0 "$trial" 2>/dev/null && echo "trial $trial is still there"
    done
    [ $round = 3 ] && break
    wordspot sweep --dir=s --jobs=2 2>>events &
    process=$!
done
process=
wordspot sweep --dir=s --jobs=2 >ranking 2>>events
echo "exit code $?"
sed 's/--[a-z_]*dir=[a-z]* //g' whole.ranking >whole.tidy
sed 's/--[a-z_]*dir=[a-z]* //g' ranking | cmp - whole.tidy && echo "the same ranking"
columns s/results.csv >s.columns
columns whole/results.csv | cmp - s.columns && echo "the same results"
echo "trials that ended more than once:"
sed -n 's/^trial \([0-9]*\) done.*/\1/p' events | sort | uniq -d
grep -q 'resumes from its checkpoint' events && echo "some went on from checkpoints"
for trial in 0000 0001 0002 0003 0004 0005 0006 0007; do
    python3 "$SUPPORT/read_events.py" s/logs/trial-$trial/train | grep eval/accuracy |
        cut -d' ' -f2 >steps
    seq 1 150 | cmp - steps
    for set in validation test; do
        python3 "$SUPPORT/read_events.py" s/logs/trial-$trial/$set >s.events
        python3 "$SUPPORT/read_events.py" whole/logs/trial-$trial/$set | cmp - s.events
    done
done
find s -name '*.tmp-*'
ls s/logs
