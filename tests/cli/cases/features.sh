# The other kinds of features, and another sample rate: each trains, evaluates, and resumes after a
# stop as if it had run through.
. "$CASES/lib.sh"
make_data
steps() {
    grep -E '^(Step|Final| \[|Confusion)' "$1"
}
# trains DIR FLAG...: a run in one piece and one in two, which must be the same
trains() {
    dir=$1
    shift
    echo "--- $*"
    # shellcheck disable=SC2086
    wordspot train $small "$@" --threads=1 --train_dir=$dir/a --summaries_dir=$dir/la \
        2>$dir.a.log || cat $dir.a.log
    # shellcheck disable=SC2086
    wordspot train $small "$@" --threads=2 --train_dir=$dir/b --summaries_dir=$dir/lb \
        --how_many_training_steps=5,0 2>$dir.b1.log || cat $dir.b1.log
    wordspot train --start_checkpoint=$dir/b --threads=2 \
        --how_many_training_steps=8,2 2>$dir.b2.log || cat $dir.b2.log
    grep -hE '^(Run|warning|Final)' $dir.a.log | mask
    steps $dir.a.log >a.steps
    {
        sed '/^set_size/,$d' $dir.b1.log | grep -E '^(Step| \[|Confusion)'
        steps $dir.b2.log
    } >b.steps
    run cmp a.steps b.steps
    python3 "$SUPPORT/read_bundle.py" $dir/a/tiny_conv.ckpt-10 >a.weights
    python3 "$SUPPORT/read_bundle.py" $dir/b/tiny_conv.ckpt-10 >b.weights
    run cmp a.weights b.weights
}
trains average --preprocess=average
trains micro --preprocess=micro --window_stride_ms=20
trains micro_device --preprocess=micro_device
trains log_mel --preprocess=log_mel
trains slow --sample_rate=8000
trains slow_average --sample_rate=8000 --preprocess=average --window_size_ms=32 --feature_bin_count=20
echo "--- features that contradict"
run wordspot train --start_checkpoint=micro/a --preprocess=average
run wordspot train --start_checkpoint=slow/a --sample_rate=16000
