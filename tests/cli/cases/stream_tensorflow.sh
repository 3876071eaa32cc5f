# TensorFlow's own model hears the words that its test_streaming_accuracy heard, when it did.
. "$CASES/lib.sh"
golden=$CASES/../../../shared/golden/tensorflow
[ -d "$golden/streaming" ] || {
    echo "skipped: needs TensorFlow's model and stream"
    exit 77
}
model=$golden/models/tiny_conv_trained
sed 's/^INFO:tensorflow://' "$golden/streaming/test_streaming_accuracy_output.txt" >theirs
t() {
    wordspot test_streaming_accuracy --wav="$golden/streaming/streaming.wav" --verbose \
        --ground-truth="$golden/streaming/streaming_labels.txt" --labels="$model/labels.txt" "$@"
}
t --model="$model/frozen.pb" >graph
t --start_checkpoint="$model" --model_architecture=tiny_conv >checkpoint
python3 - graph checkpoint <<'PY'
import re, sys
words = re.compile(r"(\d+ms [^:]*):([0-9.]+)(\(.*\))")
theirs = open("theirs").read().splitlines()
for name in sys.argv[1:]:
    ours = open(name).read().splitlines()
    worst = 0
    for line, want in zip(ours, theirs):
        word, wanted = words.fullmatch(line), words.fullmatch(want)
        if word and wanted and word[1] == wanted[1] and word[3] == wanted[3]:
            worst = max(worst, abs(float(word[2]) - float(wanted[2])))
        elif line != want:
            print("%s: %s, but theirs: %s" % (name, line, want))
    print(name, len(ours), len(theirs), "scores within 1e-5" if worst < 1e-5 else worst)
PY
run tail -n 1 graph
