# A run with every part of a recipe: one that was stopped and resumed with another number of threads
# equals one that ran through, bit for bit.
. "$CASES/lib.sh"
make_data
small="$small --learning_rate=0.01,0.001"
recipe="--optimizer=adamw --adam_beta2=0.99 --weight_decay=0.02 --clip_norm=0.5"
weights() {
    python3 "$SUPPORT/read_bundle.py" "$1"
}
both() {
    name=$1
    shift
    # shellcheck disable=SC2086
    wordspot train $small "$@" --threads=1 --train_dir="$name" --summaries_dir="l$name" \
        2>"$name.log" || cat "$name.log"
    # shellcheck disable=SC2086
    wordspot train $small "$@" --threads=3 --train_dir="$name-2" --summaries_dir="l$name-2" \
        --stop_after_step=4 2>"$name-2.log" || cat "$name-2.log"
    wordspot train --start_checkpoint="$name-2" --threads=2 2>"$name-3.log" || cat "$name-3.log"
    weights "$name/tiny_conv.ckpt-10" >"$name.weights"
    weights "$name-2/tiny_conv.ckpt-10" >"$name-2.weights"
    run cmp "$name.weights" "$name-2.weights"
    weights "$name/tiny_conv.ckpt-5" | cmp -s - "$name.weights" && echo "nothing was learned"
}
# shellcheck disable=SC2086
both all $recipe
cut -d' ' -f1 all.weights
both plain --optimizer=sgd_momentum --momentum=0.8
cut -d' ' -f1 plain.weights
echo "--- the checkpoint and the HParams page have it"
grep -aE '^(optimizer|adam_|weight_decay|clip_norm)' all/tiny_conv.ckpt-10.data-00000-of-00001
cat lall/tiny_conv-1/*.hparams | grep -aoE 'adam_beta2|weight_decay|clip_norm' | sort -u
