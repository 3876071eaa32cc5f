# A checkpoint that TensorFlow wrote and trained is taken up, and does as well here as there.
. "$CASES/lib.sh"
shared=$CASES/../../../shared
[ -d "$shared/golden" ] && [ -d "$shared/data/speech_commands" ] || {
    echo "skipped: needs TensorFlow's checkpoint and real clips"
    exit 77
}
start() {
    wordspot train --data_dir="$shared/data/speech_commands" \
        --wanted_words=yes,no,up,down,left,right,stop,go --model_architecture=tiny_conv \
        --start_checkpoint="$shared/golden/tensorflow/models/tiny_conv_trained" "$@" 2>&1
}
# no step is left: straight to the test, for which TensorFlow logged 66.1 % (N=304)
start --how_many_training_steps=2000,0 | grep -E '^(Training|Final)'
# it was trained with momentum, which continues with TensorFlow's values
start --how_many_training_steps=2000,1 --optimizer=momentum --train_dir=m | grep -E '^(Training|Final)|trained' | mask
start --how_many_training_steps=2000,0 | grep trained | sed 's/^.*tiny_conv.ckpt/tiny_conv.ckpt/'
# two more steps, the rest of the settings as given
start --how_many_training_steps=2000,2 --log_step_interval=1 | grep -E '^(Training|Step|Saving)' | mask
