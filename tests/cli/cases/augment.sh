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
all="--speed_perturbation=0.1 --volume_perturbation=6 --unknown_redraw=words --silence=microphone --noise_snr=0..15 --spec_augment=true --spec_augment_time_masks=3"
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
for flag in --spec_augment=true --noise_snr=0..15 --silence=microphone --unknown_redraw=clips \
    --speed_perturbation=0.1 --volume_perturbation=6; do
    # shellcheck disable=SC2086
    train one $flag
    weights one/tiny_conv.ckpt-10 >one.weights
    cmp -s one.weights plain.weights && echo "$flag: nothing changed"
    rm -r one lone
done

echo "--- columns on the HParams page: the same for all runs, whatever they use"
columns() {
    python3 "$SUPPORT/read_events.py" "$1/$2" | sed -n 's/.*session_start_info 0 .* //p'
}
echo $(($(columns lthrough tiny_conv-1) - $(columns lplain tiny_conv-1))) more

echo "--- refused"
# shellcheck disable=SC2086
bad() {
    run wordspot train $small "$@" 2>&1
}
bad --spec_augment=true --spec_augment_time_frames=98
bad --spec_augment=true --spec_augment_frequency_bins=40
bad --noise_snr=15..0
bad --silence=quiet
bad --unknown_redraw=always
bad --unknown_held_out=yes --data_dir=not_yet
bad --unknown_held_out=never

echo "--- noise that is too quiet is named"
python3 - <<'END'
import wave
from pathlib import Path

for path in Path("data/_background_noise_").iterdir():
    with wave.open(str(path)) as sound:
        rate, n = sound.getframerate(), sound.getnframes()
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(b"".join((s if i % 2 else -s).to_bytes(2, "little", signed=True)
                                   for i in range(n) for s in [92]))
END
# shellcheck disable=SC2086
quiet() {
    wordspot train $small --how_many_training_steps=1,0 --train_dir=quiet "$@" 2>&1 |
        grep "background noise"
}
quiet
quiet --noise_snr=0..15
quiet --silence=microphone
quiet --noise_snr=0..15 --silence=microphone || echo "nothing to warn of"
