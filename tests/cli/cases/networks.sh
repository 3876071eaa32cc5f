# Today's networks: stopped half-way and resumed with another number of threads, a run gives the
# same checkpoint, byte for byte; likewise with --quantize, where ranges of what the layers give
# are learned after their normalisation, and weights are rounded channel by channel.
. "$CASES/lib.sh"
make_data
flags_of() {
    echo "$small" | sed "s/tiny_conv/$1/"
}
# NAME MODEL FLAGS...: whole, and in two parts
check() {
    name=$1
    model=$2
    shift 2
    # shellcheck disable=SC2046
    wordspot train $(flags_of "$model") "$@" --threads=1 --train_dir="$name" --run_name="$name" \
        2>&1 | grep -E '^(wordspot|Run|Step #10|Final)' | mask
    # shellcheck disable=SC2046
    wordspot train $(flags_of "$model") "$@" --threads=2 --train_dir="$name.half" \
        --run_name="$name.half" --how_many_training_steps=5,0 2>&1 | grep -E '^(wordspot|Final)' |
        mask
    wordspot train --start_checkpoint="$name.half" --threads=3 --how_many_training_steps=8,2 2>&1 |
        grep -E '^(wordspot|Training|Final)' | mask
    python3 "$SUPPORT/read_bundle.py" "$name/$model.ckpt-10" >whole.weights
    python3 "$SUPPORT/read_bundle.py" "$name.half/$model.ckpt-10" >half.weights
    run cmp whole.weights half.weights
}
check bc bc_resnet_1 --preprocess=log_mel
check ds ds_cnn_s --quantize=1 --window_size_ms=40 --window_stride_ms=20 --feature_bin_count=10
cut -d' ' -f1 whole.weights | grep quant | grep -v biased | grep -v local_step
