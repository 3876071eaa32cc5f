# A run that was stopped and resumed equals one that ran through, bit for bit, whatever the number
# of threads: weights, log lines and event values.
. "$CASES/lib.sh"
make_data
steps() {
    grep -E '^(Step|Final| \[|Confusion)' "$1"
}
# shellcheck disable=SC2086
wordspot train $small --threads=1 --train_dir=a --summaries_dir=la 2>a.log || cat a.log
# shellcheck disable=SC2086
wordspot train $small --threads=2 --train_dir=b --summaries_dir=lb 2>b.log || cat b.log
# the first part of a third run: it ends after step 5, and is resumed with all settings
# shellcheck disable=SC2086
wordspot train $small --threads=2 --train_dir=c --summaries_dir=lc \
    --how_many_training_steps=5,0 2>c1.log || cat c1.log
wordspot train --start_checkpoint=c/tiny_conv.ckpt-5 --threads=1 \
    --how_many_training_steps=8,2 2>c2.log || cat c2.log
grep -h '^Training' a.log c1.log c2.log

echo "--- threads"
steps a.log >a.steps
steps b.log >b.steps
run cmp a.steps b.steps
for name in tiny_conv.ckpt-5 tiny_conv.ckpt-10; do
    python3 "$SUPPORT/read_bundle.py" a/$name >a.weights
    python3 "$SUPPORT/read_bundle.py" b/$name >b.weights
    run cmp a.weights b.weights
done

echo "--- resumed"
{
    sed '/^set_size/,$d' c1.log | grep -E '^(Step| \[|Confusion)'
    steps c2.log
} >c.steps
run cmp a.steps c.steps
values() { # all but how fast it was
    python3 "$SUPPORT/read_events.py" "$1" | grep -v clips_per_second
}
for set in train validation test; do
    values la/tiny_conv-1/$set >la.$set
    # the first part was tested after step 5, its last one
    values lc/tiny_conv-1/$set >lc.$set
    [ $set = test ] && sed -i '/ 5 /d' lc.test
    run cmp la.$set lc.$set
done
python3 "$SUPPORT/read_bundle.py" a/tiny_conv.ckpt-10 >a.weights
python3 "$SUPPORT/read_bundle.py" c/tiny_conv.ckpt-10 >c.weights
run cmp a.weights c.weights
ls c c/best

echo "--- other names for the same checkpoint"
for name in c c/checkpoint c/tiny_conv.ckpt-10.index c/tiny_conv.ckpt-10.data-00000-of-00001; do
    run wordspot train --start_checkpoint=$name 2>&1 | grep -E '^(Training|Final|wordspot)' | mask
done
echo "--- a setting that contradicts"
run wordspot train --start_checkpoint=c --window_stride_ms=20
run wordspot train --start_checkpoint=c --model_architecture=conv
echo "--- a new run from old weights"
run wordspot train --start_checkpoint=c/tiny_conv.ckpt-5 --run_name=fresh \
    --how_many_training_steps=8,2 --train_dir=d 2>&1 | grep -E '^(Run|Training|Final)' | mask
ls lc d
