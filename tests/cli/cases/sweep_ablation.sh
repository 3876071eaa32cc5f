# What an ingredient brings: a parameter switches it on, and its own flags are the same for all trials.
. "$CASES/lib.sh"
make_data
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --how_many_training_steps=2 --learning_rate=0.01"
fixed="$fixed --eval_step_interval=2 --save_step_interval=2"
# sweep DIR PARAM FLAG...
sweep() {
    dir=$1
    param=$2
    shift 2
    # shellcheck disable=SC2086
    wordspot sweep --dir="$dir" --param="$param" -- $fixed "$@" >/dev/null 2>errors || cat errors
    for trial in 0000 0001; do
        head -1 "$dir/trials/$trial/log.txt" | tr ' ' '\n' |
            grep -E '^--(spec_augment|optimizer|momentum|adam|noise_snr)' | tr '\n' ' '
        echo "exit code $(sed -n 's/.*"exit_code":\([0-9]*\).*/\1/p' "$dir/trials/$trial/result.json")"
    done
}
echo "--- trials without the ingredient do not get its flags"
sweep masks spec_augment=false,true --spec_augment_time_masks=1 --spec_augment_time_frames=9
sweep optimizers optimizer=adam,momentum --momentum=0.8 --adam_beta1=0.7
echo "--- an empty value is the default of a flag that has no other"
sweep levels 'noise_snr=|0..20' --background_frequency=1
echo "--- a trial that is run again gets the same ones"
rm masks/trials/0000/result.json
wordspot sweep --dir=masks >/dev/null 2>&1
sed -n 's/.*"exit_code":\([0-9]*\).*/exit code \1/p' masks/trials/0000/result.json
echo "--- one at a time: all first values, then each other value alone"
# shellcheck disable=SC2086
wordspot sweep --dir=alone --search=one_at_a_time --param=batch_size=10,5 --param=mixup=0,0.2,0.4 --param=ema=0.9 \
    -- $fixed >ranking 2>errors || cat errors
for trial in 0000 0001 0002 0003; do
    head -1 "alone/trials/$trial/log.txt" | tr ' ' '\n' | grep -E '^--(batch_size|mixup|ema)' | tr '\n' ' '
    grep -o "trial $trial begins: .*" errors
done
echo "the ranking has only what differs:"
sed -nE 's/^ *[0-9]+  (000.) .*1\/1 */\1  /p' ranking | sort
echo "--- a flag that no trial reads is refused"
# shellcheck disable=SC2086
run wordspot sweep --dir=none --param=optimizer=adam,momentum -- $fixed --spec_augment_time_masks=1 2>&1
echo "--- and so is a parameter that not all trials read: some of them would be the same"
# shellcheck disable=SC2086
run wordspot sweep --dir=none --param=spec_augment=false,true --param=spec_augment_time_masks=1,2 -- $fixed 2>&1
ls
