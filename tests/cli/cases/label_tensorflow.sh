# TensorFlow's own models give the lines that its label_wav and label_wav_dir printed.
. "$CASES/lib.sh"
shared=$CASES/../../../shared
golden=$shared/golden/tensorflow
data=$shared/data/speech_commands
[ -d "$golden" ] && [ -d "$data" ] || {
    echo "skipped: needs TensorFlow's models and real clips"
    exit 77
}
graph="--graph=$golden/models/tiny_conv_trained/frozen.pb"
checkpoint="--start_checkpoint=$golden/models/tiny_conv_trained --model_architecture=tiny_conv"
labels=--labels=$golden/models/tiny_conv_trained/labels.txt
# a line with the file's name, then the lines that label_wav printed
cp "$golden/labels/label_wav_output.txt" theirs
files=$(grep '\.wav$' theirs)
# shellcheck disable=SC2086
one_by_one() {
    for file in $files; do
        echo "$file"
        wordspot label_wav --wav="$data/$file" $labels "$@"
    done
}
# shellcheck disable=SC2086
one_by_one $graph | run diff - theirs
# shellcheck disable=SC2086
one_by_one $graph --input_name=wav_data:0 --output_name=labels_softmax:0 |
    run diff - theirs
# shellcheck disable=SC2086
one_by_one $checkpoint | run diff - theirs
# shellcheck disable=SC2086
wordspot label_wav $checkpoint --wanted_words=yes,no,up,down,left,right,stop,go \
    --wav="$data/yes/1528225c_nohash_0.wav"
mkdir dir
for file in $files; do
    cp "$data/$file" "dir/$(echo "$file" | tr / _)"
done
# a file's four lines as one: theirs are in the order of their file system
blocks() {
    paste -d'|' - - - - -
}
blocks <"$golden/labels/label_wav_dir_output.txt" | sort >theirs-dir
# shellcheck disable=SC2086
wordspot label_wav_dir --wav_dir=dir $labels $graph >ours
blocks <ours | sort | run diff - theirs-dir
grep '\.wav$' ours
t() {
    run wordspot label_wav --wav="$data/yes/1528225c_nohash_0.wav" "$@" 2>&1 | sed "s|$shared|SHARED|g"
}
echo "--- what does not fit"
# shellcheck disable=SC2086
{
    t $graph $labels --input_name=wav:0
    t $graph $labels --output_name=softmax
    t $graph $labels --sample_rate=8000
    t $checkpoint --wanted_words=yes,no
    t $checkpoint
}
