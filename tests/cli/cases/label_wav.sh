# Labelling: one file as the original prints it, many, a directory, JSON; from our own checkpoint.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small 2>/dev/null
model=--start_checkpoint=tmp/speech_commands_train
labels=tmp/speech_commands_train/tiny_conv_labels.txt
# scores differ in the last digits from one processor to the next
digits() {
    sed -E -e 's/(= 0\.)[0-9]+/\1#/' -e 's/:[0-9.e-]+/:#/g'
}
# the same word is heard in each file of a word, so order and names can be seen
mkdir clips
cp data/yes/10000000_nohash_0.wav clips/one.wav
cp data/no/10000000_nohash_0.wav clips/two.wav
cp data/other/10000000_nohash_0.wav "clips/a third.wav"
cp clips/one.wav clips/.hidden.wav
cp clips/one.wav clips/one.txt
mkdir clips/folder
echo "--- one"
run wordspot label_wav $model --wav=clips/one.wav | digits
echo "--- all labels, of a file without a flag"
run wordspot label_wav clips/two.wav $model --how_many_labels=9 | digits
echo "--- the best only"
run wordspot label_wav $model --wav clips/two.wav --how_many_labels 1 | digits
echo "--- many, in the order given"
run wordspot label_wav $model --how_many=1 --wav=clips/two.wav clips/one.wav clips/two.wav | digits
echo "--- a directory, sorted"
run wordspot label_wav_dir $model --wav_dir=clips --how_many_labels=2 | digits
echo "--- for scripts"
run wordspot label_wav_dir $model --wav_dir=clips/ --json | digits
wordspot label_wav_dir $model --wav_dir=clips --json >json
python3 - <<'PY'
import json
for line in open("json", encoding="utf-8"):
    row = json.loads(line)
    best = max(row["scores"], key=row["scores"].get)
    print(row["file"], best == row["label"], abs(sum(row["scores"].values()) - 1) < 1e-6)
PY
echo "--- other names for the labels"
sed 's/yes/oui/' "$labels" >french
wordspot label_wav $model --labels=french --wav=clips/one.wav --how_many_labels=4 | cut -d' ' -f1 |
    sort
printf '_silence_\n_unknown_\nyes\nno\nmaybe\nnever\n\n' >longer
run wordspot label_wav $model --labels=longer --wav=clips/one.wav --how_many_labels=9
echo "--- threads, batches, order and engine change nothing"
for k in 1 2 3; do
    wordspot label_wav $model --threads=$k data/*/*.wav >lines-$k
done
run cmp lines-1 lines-2
run cmp lines-1 lines-3
for clip in data/*/*.wav; do
    printf '\n%s\n' "$clip"
    wordspot label_wav $model --wav="$clip"
done >lines
run cmp lines-1 lines
best() {
    wordspot label_wav $model --how_many_labels=1 "$@" data/*/*.wav | sed 's/(.*//'
}
best >fast
best --engine=reference | run diff - fast
echo "--- a name that looks like a flag, behind --"
cp clips/one.wav ./-x.wav
run wordspot label_wav $model --how_many_labels=1 -- -x.wav | digits
