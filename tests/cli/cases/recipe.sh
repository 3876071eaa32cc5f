# A run with every part of a recipe: one that was stopped and resumed with another number of threads
# equals one that ran through, bit for bit.
. "$CASES/lib.sh"
make_data
recipe="--learning_rate=0.01 --epochs=2.1 --schedule=cosine --warmup=0.3 --optimizer=adamw"
recipe="$recipe --adam_beta2=0.99 --weight_decay=0.02 --clip_norm=0.5 --label_smoothing=0.1 --ema=0.9"
recipe="$recipe --mixup=0.3 --distill=teacher --distill_temperature=3 --distill_share=0.4"
flags="--data_dir=data --data_url= --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=10"
flags="$flags --eval_step_interval=5 --save_step_interval=5"
weights() {
    python3 "$SUPPORT/read_bundle.py" "$1"
}
both() {
    name=$1
    shift
    # shellcheck disable=SC2086
    wordspot train $flags "$@" --threads=1 --train_dir="$name" --summaries_dir="l$name" \
        2>"$name.log" || cat "$name.log"
    # shellcheck disable=SC2086
    wordspot train $flags "$@" --threads=3 --train_dir="$name-2" --summaries_dir="l$name-2" \
        --stop_after_step=4 2>"$name-2.log" || cat "$name-2.log"
    wordspot train --start_checkpoint="$name-2" --threads=2 2>"$name-3.log" || cat "$name-3.log"
    weights "$name/tiny_conv.ckpt-$last" >"$name.weights"
    weights "$name-2/tiny_conv.ckpt-$last" >"$name-2.weights"
    run cmp "$name.weights" "$name-2.weights"
    weights "$name/tiny_conv.ckpt-5" | cmp -s - "$name.weights" && echo "nothing was learned"
}
# shellcheck disable=SC2086
wordspot train $flags --model_architecture=single_fc --how_many_training_steps=5 \
    --learning_rate=0.01 --train_dir=teacher --summaries_dir=lteacher 2>teacher.log ||
    cat teacher.log
last=13 # of 2.1 epochs
# shellcheck disable=SC2086
both all $recipe
cut -d' ' -f1 all.weights
grep -oE 'Epoch.*|rate [0-9.]*' all.log
grep -oE 'Epoch.*|Training from.*' all-3.log
last=10
grep Learning all.log all-3.log
grep -hE 'Validation acc|Final' all.log all-3.log | sed -E 's/[0-9.]+%/#%/g'
python3 "$SUPPORT/read_events.py" lall/tiny_conv-1/validation lall/tiny_conv-1/test |
    grep 'eval/accuracy' | sed 's/0x.*/#/'
echo "--- what uses the checkpoint has the average: the accuracy of the run's own test"
wordspot test --start_checkpoint=all --set=testing 2>&1 | grep -i accuracy >tested
grep -oE 'Final.*%' all.log | sed 's/%.*//' | grep -oE '[0-9.]+' >own
grep -qF "$(cat own)" tested || cat own tested
both plain --optimizer=sgd_momentum --momentum=0.8 --how_many_training_steps=8,2 \
    --learning_rate=0.01,0.001
cut -d' ' -f1 plain.weights
echo "--- the checkpoint and the HParams page have it"
grep -aE '^(epochs|learning_rate|schedule|warmup|optimizer|adam_[a-z0-9]*|weight_decay|clip_norm|label_smoothing|ema|mixup|distill[a-z_]*)=' all/tiny_conv.ckpt-13.data-00000-of-00001
cat lall/tiny_conv-1/*.hparams | grep -aoE 'epochs|schedule|warmup|adam_beta2|weight_decay|clip_norm|mixup|distill_share' | sort -u
echo "--- steps that are given replace epochs, and the other way round"
wordspot train --start_checkpoint=all --how_many_training_steps=15 2>&1 |
    grep -E '^(Training|wordspot)|Epoch|Step #'  | sed 's/, accuracy.*//'
wordspot train --start_checkpoint=plain --epochs=2,1 2>&1 | grep -E '^(Training|wordspot)|Epoch'
run wordspot train --epochs=3 --learning_rate=1 --how_many_training_steps=5
run wordspot train --schedule=cosine
run wordspot train --schedule=cosin --learning_rate=1 --epochs=3
run wordspot sweep --dir=s --search=halving --param=batch_size=10,20 -- --epochs=2 \
    --learning_rate=0.01 --data_dir=data --wanted_words=yes,no
echo "--- teachers that do not fit"
# shellcheck disable=SC2086
run wordspot train $flags --distill=teacher --window_stride_ms=20
# shellcheck disable=SC2086
run wordspot train $flags --distill=teacher --wanted_words=no,yes
# shellcheck disable=SC2086
run wordspot train $flags --distill=nowhere
run wordspot train --distill_share=0.2
run wordspot train --distill=teacher --distill_share=1 --label_smoothing=0.1
