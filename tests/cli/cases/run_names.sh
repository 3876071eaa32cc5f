# A new run never mixes with an old one.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
quick="$small --how_many_training_steps=1,0"
# shellcheck disable=SC2086
for i in 1 2; do
    wordspot train $quick 2>log
    grep -E '^(Run|Moved)' log
done
mkdir tmp/retrain_logs/tiny_conv-3
# shellcheck disable=SC2086
run wordspot train $quick 2>&1 | grep -E '^(Run|Moved)'
# shellcheck disable=SC2086
run wordspot train $quick --run_name=mine 2>&1 | grep -E '^(Run|Moved)'
echo "--- taken"
# shellcheck disable=SC2086
run wordspot train $quick --run_name=mine 2>&1 | tail -2
ls tmp/retrain_logs
find tmp/speech_commands_train | sort
echo "--- two at a time"
: >log # of an earlier run
# shellcheck disable=SC2086
wordspot train $small --how_many_training_steps=100000,0 --train_dir=t 2>log &
process=$!
until grep -q '^Step #1:' log; do
    sleep 0.05
done
# shellcheck disable=SC2086
run wordspot train $quick --train_dir=t 2>&1 | tail -2
kill $process
wait
