# A recording to test a model on: files, seeds, noise, words, and what cannot be made.
. "$CASES/lib.sh"
make_dataset data yes no other
# Shows the flags that matter of a command.
g() {
    echo "\$ ... $*"
    wordspot generate_streaming_test_wav --data_dir=data --wanted_words=yes,no \
        --output_audio_file=x.wav --output_labels_file=x.txt "$@"
    last_code=$?
    [ "$last_code" = 0 ] || echo "(exit code $last_code)"
}
# What is in the files: length, words, their times, and how loud it is.
show() {
    python3 - "$1" "$2" <<'PY'
import array, sys, wave
with wave.open(sys.argv[1]) as sound:
    rate, n = sound.getframerate(), sound.getnframes()
    print(f"{sound.getnchannels()} channel, {8 * sound.getsampwidth()} bits, {rate} Hz, {n / rate} s")
    samples = array.array("h", sound.readframes(n))
rows = [line.split(", ") for line in open(sys.argv[2])]
times = [float(time) for _, time in rows]
print(len(rows), "words:", ", ".join(sorted({word for word, _ in rows})),
      "in order" if times == sorted(times) else times)
for word, time in rows[:3]:
    at = int(float(time) * rate / 1000)
    loud = max(map(abs, samples[at:at + rate])) > 3000
    print("a clip" if loud else "nothing", "where the first words should be")
before = samples[:int(times[0] * rate / 1000)]
print("noise before them" if any(before) else "silence before them")
PY
}
echo "--- the defaults of a newcomer"
mkdir tmp
cp -r data tmp/speech_dataset
run wordspot generate_streaming_test_wav --wanted_words=yes,no
show tmp/speech_commands_train/streaming_test.wav \
    tmp/speech_commands_train/streaming_test_labels.txt
echo "--- nothing but the two files"
run diff -r data tmp/speech_dataset
ls tmp tmp/speech_commands_train
echo "--- the same seed"
OMP_NUM_THREADS=1 g --data_url=
run cmp x.wav tmp/speech_commands_train/streaming_test.wav
run cmp x.txt tmp/speech_commands_train/streaming_test_labels.txt
echo "--- another one"
g --seed=2
cmp -s x.wav tmp/speech_commands_train/streaming_test.wav || echo "another recording"
echo "--- flags"
g --test_duration_seconds=9 --clip_duration_ms=500 --word_gap_ms=1000 --sample_rate=8000
show x.wav x.txt
g --unknown_percentage=0 --test_duration=60
show x.wav x.txt
g --background_frequency=0 --test_duration=60
show x.wav x.txt
g --background_volume=0 --test_duration=60 --word_gap_ms=3
show x.wav x.txt
g --background_dir=data/_background_noise_ --test_duration_seconds=60
show x.wav x.txt
cp x.wav y.wav
mv data/_background_noise_ noise
g --background_dir=noise --test_duration_seconds=60
run cmp x.wav y.wav
g --test_duration_seconds=60
show x.wav x.txt
echo "--- a clip that cannot be read"
for clip in data/no/*; do echo nonsense >"$clip"; done
g --test_duration=60
echo "--- what is refused"
rm -r data
make_dataset data yes no other
rm x.wav x.txt
g --test_duration_seconds=2
g --test_duration_seconds=0
g --test_duration_seconds=16000000
g --unknown_percentage=101
g --background_frequency=1.5
g --testing_percentage=0
g --testing_percentage=60 --validation_percentage=60
g --split=nonsense
g --wanted_words=yes,no,other
g --wanted_words=yes,maybe
g --wanted_words=yes,,no
g --wanted_words=
g --background_dir=nowhere
mkdir page
echo text >page/page.wav
g --background_dir=page
g --data_dir=
g --data_url=ftp://example.org/a.tar.gz
g --data_dir=nowhere --data_url=
g --dct_coefficient_count=40
g --sead=3
g --output_audio_file=
g --output_labels_file=x.wav
g --output_labels_file=./x.wav
g --output_audio_file=data
g --output_labels_file=/dev/null
g --output_audio_file=y.wav/x.wav
g --output_audio_file=/proc/x.wav
echo "--- and nothing was written"
ls
echo "--- an archive, where there is no data set yet"
python3 "$SUPPORT/make_archives.py" archives data
start_server
g --data_dir=fetched --data_url="$server/plain/good.tar.gz" --test_duration_seconds=30 2>&1 |
    mask_server
run diff -r data fetched | sed 's/: .*//'
