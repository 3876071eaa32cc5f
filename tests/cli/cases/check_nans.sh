# --check_nans names the first tensor that is not finite, and the step; what was saved stays.
. "$CASES/lib.sh"
make_data
ends() {
    # shellcheck disable=SC2086
    run wordspot train $small --learning_rate=0.01,1e30 --check_nans=1 "$@" 2>&1 | tail -2 |
        sed -E 's/\(-?(nan|inf)/(nan/; s/clip [0-9]+ of/clip # of/'
}
ends
ls tmp/speech_commands_train
ends --optimizer=momentum
ends --quantize=true
ends --model_architecture=single_fc --learning_rate=1e37,1e38
# a rate that no float holds: the update itself
ends --learning_rate=0.01,1e39
echo "--- nothing changes where all is finite"
# shellcheck disable=SC2086
wordspot train $small --check_nans --train_dir=a 2>/dev/null
# shellcheck disable=SC2086
wordspot train $small --train_dir=b 2>/dev/null
python3 "$SUPPORT/read_bundle.py" a/tiny_conv.ckpt-10 >a.weights
python3 "$SUPPORT/read_bundle.py" b/tiny_conv.ckpt-10 >b.weights
run cmp a.weights b.weights
