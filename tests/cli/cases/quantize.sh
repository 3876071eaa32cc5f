# --quantize: training and evaluation with fake quantisation. The ranges are in the checkpoints,
# under the names of tf.contrib.quantize, and a resumed run continues to learn them, bit for bit.
. "$CASES/lib.sh"
make_data
weights() {
    python3 "$SUPPORT/read_bundle.py" "$1"
}
steps() {
    grep -E '^(Step|Final| \[|Confusion)' "$1"
}
brief() {
    grep -E '^(Training|Final|wordspot)|trained with' | mask
}
# shellcheck disable=SC2086
wordspot train $small --quantize=1 --threads=1 --train_dir=a --summaries_dir=la 2>a.log || cat a.log
# shellcheck disable=SC2086
wordspot train $small --quantize=1 --threads=2 --train_dir=b --summaries_dir=lb 2>b.log || cat b.log
steps a.log >a.steps
steps b.log >b.steps
run cmp a.steps b.steps
mask <a.log | grep -E '^(Step #10|Step 10|Final)'
weights a/tiny_conv.ckpt-10 >a.weights
weights b/tiny_conv.ckpt-10 >b.weights
run cmp a.weights b.weights
cut -d' ' -f1 a.weights
echo "--- resumed"
# shellcheck disable=SC2086
wordspot train $small --quantize=1 --train_dir=c --summaries_dir=lc \
    --how_many_training_steps=5,0 2>c.log || cat c.log
wordspot train --start_checkpoint=c --how_many_training_steps=8,2 2>c2.log || cat c2.log
weights c/tiny_conv.ckpt-10 >c.weights
run cmp a.weights c.weights
echo "--- no step left: evaluated with the ranges of the checkpoint"
wordspot train --start_checkpoint=a 2>d.log
grep Final a.log >a.final
grep Final d.log >d.final
run cmp a.final d.final
echo "--- on from a checkpoint without, and back"
# shellcheck disable=SC2086
wordspot train $small --train_dir=g 2>/dev/null
run wordspot train --start_checkpoint=g --quantize=1 --how_many_training_steps=10,2 2>&1 | brief
run wordspot train --start_checkpoint=g --quantize=0 --how_many_training_steps=12,2 2>&1 | brief
echo "--- the reference engine"
# shellcheck disable=SC2086
run wordspot train $small --quantize=1 --engine=reference --train_dir=r 2>&1 | grep '^Final' | mask
