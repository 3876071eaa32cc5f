# Labelling the clips of the test set gives the confusion matrix that training printed, for each
# model. A small part of the real clips; no silence among them: that is noise drawn at random.
. "$CASES/lib.sh"
shared=$CASES/../../../shared
list=$shared/golden/tensorflow/splits/file_to_set.txt
data=$shared/data/speech_commands
[ -f "$list" ] && [ -d "$data" ] || {
    echo "skipped: needs real clips and the list of the test set"
    exit 77
}
# all clips of three words for the test, some of those for training and validation
for word in up left right; do
    mkdir -p "data/$word"
    {
        grep "^$word/.* testing" "$list"
        grep "^$word/.* training" "$list" | head -60
        grep "^$word/.* validation" "$list" | head -10
    } | while read -r clip set; do
        cp "$data/$clip" "data/$clip"
        [ "$set" != testing ] || echo "data/$clip" >>testing
    done
done
check() {
    wordspot train --data_dir=data --wanted_words=up,left,right --model_architecture="$1" \
        --how_many_training_steps="$2",0 --learning_rate="$3",0.001 --batch_size=40 \
        --silence_percentage=0 --unknown_percentage=0 --eval_step_interval=1000 >log 2>&1
    # shellcheck disable=SC2046
    wordspot label_wav --start_checkpoint=tmp/speech_commands_train --json $(cat testing) >labelled
    python3 - "$1" <<'PY'
import json, re, sys
labels = open(f"tmp/speech_commands_train/{sys.argv[1]}_labels.txt").read().split()
matrix = [[0] * len(labels) for _ in labels]
for path, line in zip(open("testing"), open("labelled"), strict=True):
    row = json.loads(line)
    assert row["file"] == path.strip()
    matrix[labels.index(path.split("/")[1])][labels.index(row["label"])] += 1
text = open("log").read().rpartition("Confusion Matrix:")[2]
printed = [[int(n) for n in re.findall(r"\d+", row)] for row in re.findall(r"\[([\d\s]+)\]", text)]
n, right = sum(map(sum, matrix)), sum(matrix[i][i] for i in range(len(labels)))
print(f"{sys.argv[1]}: {n} clips,",
      "as in training" if matrix == printed else f"{matrix}, in training {printed}",
      "and" if f"Final test accuracy = {100 * right / n:.1f}% (N={n})" in text else "but not",
      "of that accuracy")
assert sum(any(row[k] for row in matrix) for k in range(len(labels))) > 1, "all heard as one word"
PY
}
check single_fc 100 0.0001
check tiny_conv 60 0.02
check conv 20 0.01
