# Which run continues from a checkpoint: that of its directory, wherever that was moved to and
# however it is reached, but not a copy of it, and not where the curves have gone further.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
brief() {
    grep -E '^(warning|Run|Event|Training|Moved|wordspot)' | sed -E 's/, seed.*//'
}
last_steps() { # of each run
    for run in "$1"/*; do
        echo "$run $(python3 "$SUPPORT/read_events.py" "$run/train" | sed -n 's/^eval.accuracy \([0-9]*\) .*/\1/p' | tail -1)"
    done
}
# shellcheck disable=SC2086
wordspot train $small --train_dir=a/train --summaries_dir=a/logs 2>&1 | brief
cp -r a b
echo "--- a copy, by its directory and by an older checkpoint"
wordspot train --start_checkpoint=b/train --how_many_training_steps=10,2 2>&1 | brief
rm -rf b/train
cp -r a/train b/train
wordspot train --start_checkpoint=b/train/tiny_conv.ckpt-5 --how_many_training_steps=5,2 2>&1 | brief
last_steps a/logs
echo "--- a copy of one checkpoint only"
mkdir kept
cp a/train/tiny_conv.ckpt-10.* kept
wordspot train --start_checkpoint=kept/tiny_conv.ckpt-10 --how_many_training_steps=10,1 2>&1 | brief
echo "--- a copy with its own copy of the logs"
rm -rf b
cp -r a b
wordspot train --start_checkpoint=b/train --summaries_dir=b/logs --how_many_training_steps=10,2 2>&1 | brief
echo "--- told to continue"
wordspot train --start_checkpoint=kept/tiny_conv.ckpt-10 --run_name=tiny_conv-1 \
    --how_many_training_steps=10,1 2>&1 | brief
echo "--- the same directory by other paths"
ln -s a link
for dir in ./a/train "$PWD/a/train" a/../a/train/ link/train; do
    wordspot train --start_checkpoint="$dir" 2>&1 | grep -E '^(warning|Run)' | sed -E 's/, seed.*//'
done
echo "--- moved: the run continues there"
mv a/train moved
wordspot train --start_checkpoint=moved --how_many_training_steps=10,4 2>&1 | brief
echo "--- an older checkpoint in place, also the best one"
wordspot train --start_checkpoint=moved/tiny_conv.ckpt-10 --how_many_training_steps=10,1 2>&1 | brief
wordspot train --start_checkpoint=moved/best --how_many_training_steps=10,1 2>&1 |
    grep -E '^(warning|Run)' | sed -E 's/, seed.*//'
echo "--- a backup from before the curves were continued"
cp -r moved backup
wordspot train --start_checkpoint=moved --how_many_training_steps=10,20 2>&1 | brief
rm -rf moved
mv backup moved
wordspot train --start_checkpoint=moved --how_many_training_steps=10,5 2>&1 | brief
echo "--- killed between two checkpoints"
: >log
# shellcheck disable=SC2086
wordspot train $small --how_many_training_steps=100000,0 --eval_step_interval=1000000 \
    --save_step_interval=20 --train_dir=k --summaries_dir=lk 2>log &
process=$!
until grep -q "^Step #35:" log; do
    kill -0 $process || exit 1
    sleep 0.01
done
kill -9 $process
wait $process 2>/dev/null
process=
wordspot train --start_checkpoint=k --how_many_training_steps=22,0 2>&1 | grep -E '^(warning|Run)' |
    sed -E 's/, seed.*//'
