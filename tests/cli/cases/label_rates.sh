# A model of another rate than 16 kHz: its graph gives what its checkpoint gives.
. "$CASES/lib.sh"
make_data
labels=train/tiny_conv_labels.txt
# clips of the rate: what is read is what is seen
python3 - <<'PY'
import array, os, wave
for rate in (8000, 22050):
    os.mkdir(f"clips-{rate}")
    for word in ("yes", "no", "other"):
        with wave.open(f"data/{word}/10000000_nohash_0.wav") as sound:
            samples = array.array("h", sound.readframes(sound.getnframes()))
        with wave.open(f"clips-{rate}/{word}.wav", "wb") as sound:
            sound.setparams((1, 2, rate, 0, "NONE", ""))
            sound.writeframes(array.array("h", (samples[i * 16000 // rate] for i in range(rate))))
PY
# make_model FLAG...: trains and freezes
make_model() {
    rm -rf train
    # shellcheck disable=SC2086
    wordspot train $small --train_dir=train --summaries_dir=logs "$@" 2>/dev/null
    run wordspot freeze --start_checkpoint=train --output_file=model.pb
}
of_checkpoint() {
    wordspot label_wav_dir --start_checkpoint=train --json --wav_dir="$@"
}
of_graph() {
    wordspot label_wav_dir --graph=model.pb --labels=$labels --json --wav_dir="$@"
}
for rate in 8000 22050; do
    echo "--- average at $rate Hz"
    make_model --preprocess=average --learning_rate=1e-7,1e-7 --sample_rate=$rate
    of_checkpoint clips-$rate >want
    grep -c scores want
    of_graph clips-$rate >got
    run cmp got want
    of_graph clips-$rate --sample_rate=$rate >got
    run cmp got want
    of_graph clips-$rate --sample_rate=16000
    echo "--- a graph that does not say so, as TensorFlow's own"
    LC_ALL=C sed 's/_sample_rate/_other_value/' model.pb >other && mv other model.pb
    of_graph clips-$rate --sample_rate=$rate >got
    run cmp got want
    of_graph clips-$rate >got
    cmp -s got want || echo "not the same scores"
done
echo "--- micro, where a millisecond is no whole number of samples"
make_model --preprocess=micro --learning_rate=0.001,0.001 --window_stride_ms=20 --sample_rate=22050
# the graph multiplies samples by 32767, as the original's do, but its checkpoint by 32768
python3 - <<'PY'
import struct
with open("model.pb", "rb") as file:
    graph = file.read()
theirs, trained = struct.pack("<f", 32767), struct.pack("<f", 32768)
print(graph.count(theirs), "scale")
with open("model.pb", "wb") as file:
    file.write(graph.replace(theirs, trained))
PY
of_checkpoint clips-22050 >want
of_graph clips-22050 >got
run cmp got want
grep -o '"scores".*' want | sort -u | wc -l
