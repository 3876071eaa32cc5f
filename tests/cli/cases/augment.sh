# Augmentations: a run that was stopped and resumed, with another number of threads, equals one that
# ran through, bit for bit; they are in the checkpoint; what does not fit is refused by name.
. "$CASES/lib.sh"
make_data
weights() {
    python3 "$SUPPORT/read_bundle.py" "$1"
}
# shellcheck disable=SC2086
train() {
    wordspot train $small --summaries_dir="l$1" --train_dir="$@" 2>"$1.log" || cat "$1.log"
}

echo "--- resumed with all of them"
all="--spec_augment=true --spec_augment_time_masks=3"
# shellcheck disable=SC2086
train through $all --threads=1
# shellcheck disable=SC2086
train half $all --threads=2 --how_many_training_steps=5,0
wordspot train --start_checkpoint=half --how_many_training_steps=8,2 2>half.log || cat half.log
weights through/tiny_conv.ckpt-10 >through.weights
weights half/tiny_conv.ckpt-10 >half.weights
run cmp through.weights half.weights

echo "--- each changes what is learned"
train plain
weights plain/tiny_conv.ckpt-10 >plain.weights
for flag in --spec_augment=true; do
    # shellcheck disable=SC2086
    train one $flag
    weights one/tiny_conv.ckpt-10 >one.weights
    cmp -s one.weights plain.weights && echo "$flag: nothing changed"
    rm -r one lone
done

echo "--- columns on the HParams page, those of --spec_augment only where it is used"
columns() {
    python3 "$SUPPORT/read_events.py" "$1/$2" | sed -n 's/.*session_start_info 0 .* //p'
}
columns lthrough tiny_conv-1
columns lplain tiny_conv-1

echo "--- refused"
# shellcheck disable=SC2086
bad() {
    run wordspot train $small "$@" 2>&1
}
bad --spec_augment=true --spec_augment_time_frames=98
bad --spec_augment=true --spec_augment_frequency_bins=40
