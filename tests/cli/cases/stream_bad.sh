# Streams that cannot be followed, and wrong flags.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small 2>/dev/null
model=--start_checkpoint=tmp/speech_commands_train
labels=tmp/speech_commands_train/tiny_conv_labels.txt
wordspot freeze $model --output_file=model.pb 2>/dev/null
echo 'yes, 100.5' >truth.txt
cp data/yes/10000000_nohash_0.wav clip.wav
python3 - <<'PY'
import wave
with wave.open("clip.wav") as sound:
    frames = sound.readframes(sound.getnframes())
def write(name, frames):
    with wave.open(name, "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes(frames)
write("long.wav", frames * 5)
write("longer.wav", frames + frames[:2])
PY
head -c 100000 long.wav >cut.wav
: >empty.wav
head -n 2 "$labels" >few.txt
echo 'yes, soon' >bad.txt
iconv -t UTF-16 truth.txt >wide.txt
mkdir folder
t() {
    run wordspot test_streaming_accuracy "$@" 2>&1
}
echo "--- what is missing"
t
t $model
t $model --wav=long.wav
t --wav=long.wav --ground_truth=truth.txt
t --wav=long.wav --ground_truth=truth.txt --model=model.pb
t $model --wav=none.wav --ground_truth=truth.txt
t $model --wav=long.wav --ground_truth=none.txt
t --start_checkpoint=nowhere --wav=long.wav --ground_truth=truth.txt
echo "--- what is damaged"
t $model --wav=empty.wav --ground_truth=truth.txt
t $model --wav=truth.txt --ground_truth=truth.txt
t $model --wav=folder --ground_truth=truth.txt
t $model --wav=long.wav --ground_truth=folder
t $model --wav=long.wav --ground_truth=bad.txt
t $model --wav=long.wav --ground_truth=wide.txt
t $model --wav=cut.wav --ground_truth=truth.txt
t --model=truth.txt --labels=$labels --wav=long.wav --ground_truth=truth.txt
echo "--- as long as a window, or a sample longer"
t $model --wav=clip.wav --ground_truth=truth.txt
t $model --wav=longer.wav --ground_truth=truth.txt
echo "--- what does not fit"
good="--wav=long.wav --ground_truth=truth.txt"
# shellcheck disable=SC2086
{
    t --model=model.pb --labels=few.txt $good
    t $model --labels=few.txt $good
    t $model --model=model.pb --labels=$labels $good
    t $model --clip_duration_ms=500 $good
    t --model=model.pb --labels=$labels --clip_duration_ms=500 $good
    t $model --sample_rate=8000 $good
    t $model --input_names=decoded_sample_data:0 $good
    t --model=model.pb --labels=$labels --input_names=wav_data:0 $good
    t --model=model.pb --labels=$labels --input_names a:0 b:0 c:0 $good
    t --model=model.pb --labels=$labels --input_names=decoded_sample_data:0,decoded_sample_data:0 $good
    t --model=model.pb --labels=$labels --input_rate_name=decoded_sample_data $good
    t --model=model.pb --labels=$labels --output_name=softmax $good
}
echo "--- flags"
# shellcheck disable=SC2086
{
    t $model $good stray.wav
    t $model $good --clip_stride_ms=0
    t $model $good --detection_threshold=2
    t $model $good --minimum_count=0
    t $model $good --engine=slow
    t $model $good --isa=v9
    t $model $good --ground-thruth=x
    t $model $good --json
}
echo "--- a full disk"
wordspot test_streaming_accuracy $model --wav=long.wav --ground_truth=truth.txt >/dev/full
echo "exit code $?"
