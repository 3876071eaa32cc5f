# Every architecture trains, is saved and tested; a stopped run resumes as if it had run
# through, with the same checkpoint in the end.
. "$CASES/lib.sh"
make_data
flags_of() {
    echo "$small" | sed "s/tiny_conv/$1/"
}
for model in single_fc conv low_latency_conv low_latency_svdf tiny_conv tiny_embedding_conv; do
    echo "--- $model"
    # shellcheck disable=SC2046
    wordspot train $(flags_of $model) --train_dir=$model 2>&1 |
        grep -E '^(wordspot|Run|Step #10|Final)' | mask
    python3 "$SUPPORT/read_bundle.py" $model/$model.ckpt-10 | awk '{ print $1 }'
done
echo "--- resumed"
# shellcheck disable=SC2046
wordspot train $(flags_of low_latency_svdf) --train_dir=half --run_name=half \
    --how_many_training_steps=5,0 2>&1 | grep -E '^(wordspot|Final)' | mask
wordspot train --start_checkpoint=half --how_many_training_steps=8,2 2>&1 |
    grep -E '^(wordspot|Training|Step #|Final)' | mask
python3 "$SUPPORT/read_bundle.py" half/low_latency_svdf.ckpt-10 >half.weights
python3 "$SUPPORT/read_bundle.py" low_latency_svdf/low_latency_svdf.ckpt-10 >whole.weights
run cmp half.weights whole.weights
echo "--- a model that such features do not fit"
# shellcheck disable=SC2046
run wordspot train $(flags_of low_latency_conv) --train_dir=none --feature_bin_count=7
