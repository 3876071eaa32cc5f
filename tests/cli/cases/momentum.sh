# --optimizer=momentum: its memory is in the checkpoints, under TensorFlow's names, so that a run
# that was stopped and resumed equals one that ran through, bit for bit.
. "$CASES/lib.sh"
make_data
small="$small --learning_rate=0.001,0.0001"
weights() {
    python3 "$SUPPORT/read_bundle.py" "$1"
}
brief() {
    grep -E '^(Training|Final|wordspot)|trained with' | mask
}
# shellcheck disable=SC2086
wordspot train $small --optimizer=momentum --threads=1 --train_dir=a --summaries_dir=la 2>a.log ||
    cat a.log
# shellcheck disable=SC2086
wordspot train $small --optimizer=momentum --threads=2 --train_dir=c --summaries_dir=lc \
    --how_many_training_steps=5,0 2>c.log || cat c.log
wordspot train --start_checkpoint=c --how_many_training_steps=8,2 2>c2.log || cat c2.log
weights a/tiny_conv.ckpt-10 >a.weights
weights c/tiny_conv.ckpt-10 >c.weights
run cmp a.weights c.weights
weights a/tiny_conv.ckpt-5 >a5.weights
cmp -s a.weights a5.weights && echo "nothing was learned"
cut -d' ' -f1 a.weights
echo "--- on from a checkpoint of gradient descent, and back"
# shellcheck disable=SC2086
wordspot train $small --train_dir=g 2>/dev/null
run wordspot train --start_checkpoint=g --optimizer=momentum --how_many_training_steps=10,2 2>&1 |
    brief
run wordspot train --start_checkpoint=g --how_many_training_steps=12,2 2>&1 | brief
run wordspot train --start_checkpoint=g --optimizer=gradient_descent \
    --how_many_training_steps=14,2 2>&1 | brief
weights g/tiny_conv.ckpt-16 | grep Momentum || echo "no slots are saved"
