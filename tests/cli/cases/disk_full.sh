# No room for a checkpoint or an event file: training continues, and what was written before stays.
. "$CASES/lib.sh"
make_data
echo "--- files are limited to 100 KiB: event files fit, checkpoints do not"
(
    ulimit -f 200
    # shellcheck disable=SC2086
    run wordspot train $small --log=scalars 2>&1 | mask | grep -vE '^(Step #| \[|Confusion)'
)
find tmp/speech_commands_train -type f | sort
rm -rf tmp
echo "--- a checkpoint was written before the disk was full"
# shellcheck disable=SC2086
wordspot train $small --log=scalars --how_many_training_steps=5,0 2>/dev/null
cksum tmp/speech_commands_train/*ckpt-5.* tmp/speech_commands_train/checkpoint >before
(
    ulimit -f 200
    run wordspot train --start_checkpoint=tmp/speech_commands_train \
        --how_many_training_steps=8,2 2>&1 | mask | grep -vE '^(Step #| \[|Confusion)'
)
cksum tmp/speech_commands_train/*ckpt-5.* tmp/speech_commands_train/checkpoint >after
run cmp before after
find tmp/speech_commands_train -name '*.tmp-*'
