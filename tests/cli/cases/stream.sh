# Following a stream: words that were put into noise are heard, whatever the way.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small --how_many_training_steps=250,50 --learning_rate=0.05,0.005 \
    --background_volume=0.02 2>/dev/null
model=--start_checkpoint=tmp/speech_commands_train
# Clips of both words, and one that is not wanted, every three seconds; noise between them.
python3 - <<'PY'
import wave
def read(path):
    with wave.open(path) as sound:
        return sound.readframes(sound.getnframes())
noise = read("data/_background_noise_/noise_0.wav")[:32000]
speakers = ["10000000", "11234567", "12468ace", "1369d035", "148d159c"]
sound, truth = noise * 2, []
for i, speaker in enumerate(speakers * 2):
    word = ["yes", "no", "other"][i % 3]
    truth.append("%s, %f\n" % (word if word != "other" else "_unknown_", len(sound) / 32))
    sound += read("data/%s/%s_nohash_0.wav" % (word, speaker)) + noise * 2
def write(name, channels, rate, frames):
    with wave.open(name, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(frames)
write("stream.wav", 1, 16000, sound)
pairs = [sound[i:i + 2] for i in range(0, len(sound), 2)]
write("stereo.wav", 2, 16000, b"".join(p + b"\x12\x34" for p in pairs))
write("double.wav", 1, 32000, b"".join(p + p for p in pairs))
open("truth.txt", "w").writelines(truth)
open("other.txt", "w").writelines(truth[:2] + ["no comma\n", "a, b, c\n", "maybe, 3000\n"])
open("empty.txt", "w").close()
PY
# times and scores differ a little from one processor to the next
digits() {
    sed -E 's/^[0-9]+ms ([^:]*):[0-9.]+/#ms \1:#/'
}
test_stream() {
    wordspot test_streaming_accuracy $model --wav=stream.wav --ground_truth=truth.txt "$@"
}
echo "--- the statistics alone"
run test_stream
echo "--- each word"
run test_stream --verbose | digits
echo "--- with hyphens, names of the C++ tool, two channels"
run wordspot test_streaming_accuracy $model --wav stereo.wav --ground-truth truth.txt --verbose=true \
    --sample_stride_ms=30 --average_window_ms=500 --time-tolerance-ms=1500 --suppression-ms=500 |
    digits | tail -n 1
echo "--- threads change nothing"
test_stream --verbose --threads=1 >one
test_stream --verbose --threads=3 >three
run cmp one three
echo "--- another rate"
wordspot test_streaming_accuracy $model --wav=double.wav --ground_truth=truth.txt
echo "--- a frozen graph of it"
wordspot freeze $model --output_file=model.pb 2>/dev/null
run wordspot test_streaming_accuracy --graph=model.pb --wav=stream.wav --ground_truth=truth.txt \
    --labels=tmp/speech_commands_train/tiny_conv_labels.txt \
    --input-names decoded_sample_data:0 decoded_sample_data:1 --output-name=labels_softmax:0 \
    --clip-duration-ms=1000
echo "--- no word at its very moment; whatever has the best score"
run test_stream --time_tolerance_ms=0
run test_stream --detection_threshold=0 --minimum_count=1 --suppression_ms=0 >loose
[ "$(wc -l <loose)" = 2 ] || cat loose
echo "--- truth that the model does not know, or none"
wordspot test_streaming_accuracy $model --wav=stream.wav --ground_truth=other.txt >/dev/null
wordspot test_streaming_accuracy $model --wav=stream.wav --ground_truth=empty.txt
