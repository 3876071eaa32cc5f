# --preset: what it is made of, what a run and its checkpoint have of it, and a sweep over presets.
. "$CASES/lib.sh"
make_data
short="--data_dir=data --wanted_words=yes,no --batch_size=10 --how_many_training_steps=3"
short="$short --learning_rate=0.01 --eval_step_interval=3"
settings() {
    grep -aE "^($2)=" "$1"
}
run wordspot train --help=presets | sed '/^      /d'
wordspot train --help=presets | grep -c '^      --[a-z_]*='
echo "--- a run with one, and with a flag that wins"
# shellcheck disable=SC2086
wordspot train $short --preset=micro_speech 2>log || cat log
settings tmp/speech_commands_train/tiny_conv.ckpt-3.data-00000-of-00001 \
    'preset|preprocess|window_stride_ms|how_many_training_steps|silence_percentage'
cat tmp/retrain_logs/tiny_conv-1/*.hparams | grep -ao micro_speech | sort -u
echo "--- it continues as it is"
wordspot train --start_checkpoint=tmp/speech_commands_train --how_many_training_steps=5 2>&1 |
    grep -E '^(Training|wordspot)'
run wordspot train --start_checkpoint=tmp/speech_commands_train --preset=bc_resnet
run wordspot train --preset=slow
echo "--- a sweep over presets; a parameter wins, too"
# shellcheck disable=SC2086
wordspot sweep --dir=s --param=preset=tutorial,micro_speech --param=batch_size=5,8 -- \
    --data_dir=data --wanted_words=yes,no --how_many_training_steps=3 --learning_rate=0.01 \
    --model_architecture=single_fc --eval_step_interval=3 >log 2>&1 || cat log
for trial in 0 1 2 3; do
    settings s/trials/000$trial/checkpoints/single_fc.ckpt-3.data-00000-of-00001 \
        'preset|preprocess|batch_size'
done
