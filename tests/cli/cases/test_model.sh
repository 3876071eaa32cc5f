# wordspot test: a checkpoint and a frozen graph on sets of a data set, with the figures of training's
# own test, and on any folder of word folders.
. "$CASES/lib.sh"
make_data
wordspot train --data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=10 \
    --how_many_training_steps=8,2 --learning_rate=0.01,0.001 --testing_percentage=30 \
    --silence_percentage=40 2>log
labels=tmp/speech_commands_train/tiny_conv_labels.txt
matrix() {
    sed -n '/^Confusion/,/\]\]/p'
}
echo "--- the test set, as training tested it"
tac log | sed '/^set_size/q' | tac | matrix >want
wordspot test --start_checkpoint=tmp/speech_commands_train >out
matrix <out | cmp - want && echo "the same matrix"
sed -n 's/^Final test accuracy/Accuracy/p' log >want.accuracy
grep '^Accuracy' out | cmp - want.accuracy && echo "the same accuracy"
echo "--- a validation"
tac log | grep -m1 '^Step 10: Validation' | sed 's/.*Validation a/A/' >want.accuracy
wordspot test --start_checkpoint=tmp/speech_commands_train/tiny_conv.ckpt-10 --set=validation |
    grep '^Accuracy' | cmp - want.accuracy && echo "the same accuracy"
echo "--- a frozen graph: its labels say the words, flags the split"
wordspot freeze --start_checkpoint=tmp/speech_commands_train --output_file=g.pb 2>/dev/null
wordspot test --graph=g.pb --labels=$labels --data_dir=data --testing_percentage=30 \
    --silence_percentage=40 | matrix | cmp - want && echo "the same matrix"
echo "--- the sums of the JSON"
wordspot test --start_checkpoint=tmp/speech_commands_train --json=line >out2
cmp out out2 && echo "the same output"
wordspot test --start_checkpoint=tmp/speech_commands_train --json --how_many_mistakes=2 2>/dev/null | cat >line2
python3 - <<'END'
import json, re
line, line2 = json.load(open("line")), json.load(open("line2"))
out = open("out").read()
rows = [[int(n) for n in re.findall(r"\d+", r)] for r in re.findall(r"\[[ \d]+\]", out)]
labels = [l["label"] for l in line["labels"]]
print(labels)
for i, l in enumerate(line["labels"]):
    assert [l["heard_as"].get(name, 0) for name in labels] == rows[i], l
    assert l["n_clips"] == sum(rows[i])
    said = sum(r[i] for r in rows)
    assert l["recall"] == (round(rows[i][i] / sum(rows[i]), 6) if sum(rows[i]) else None)
    assert l["precision"] == (round(rows[i][i] / said, 6) if said else None)
right = sum(rows[i][i] for i in range(len(rows)))
assert line["n_clips"] == sum(map(sum, rows)) and line["accuracy"] == round(right / line["n_clips"], 6)
wrong = [m["probability"] for m in line["mistakes"]]
assert wrong == sorted(wrong, reverse=True) and len(wrong) == min(10, line["n_clips"] - right)
assert all(m["label"] != m["heard_as"] for m in line["mistakes"])
assert line2["mistakes"] == line["mistakes"][:2]
END
echo "--- any folder: words that the model does not know, one that it does, and silence of one's own"
mkdir -p mine/no mine/other mine/_silence_
cp data/no/*nohash_0.wav mine/no
cp data/other/*nohash_0.wav mine/other
cp data/_background_noise_/*.wav mine/_silence_
printf 'no sound' >mine/no/bad.wav
wordspot test --start_checkpoint=tmp/speech_commands_train --data_dir=mine --set=all >out 2>errors
cat errors
sed -n '/clips/,/^ *[0-9]* .*no$/p' out | awk '{ print $1, $NF }'
grep '^Accuracy' out | sed 's/= [0-9.]*/= #/'
echo "--- what cannot be"
run wordspot test
run wordspot test --start_checkpoint=tmp/speech_commands_train --set=train
run wordspot test --start_checkpoint=tmp/speech_commands_train --testing_percentage=10
echo "--- event files: the figures of training's own test, as a run of its own"
for name in '' --run_name=mine; do
    wordspot test --start_checkpoint=tmp/speech_commands_train --summaries_dir=logs $name 2>&1 >/dev/null |
        grep '^Event'
done
find logs -type d | sort
python3 "$SUPPORT/read_events.py" logs/test-1/test | sed 's/^\(eval[^ ]*\) 0 /\1 /' | sort >ours
python3 "$SUPPORT/read_events.py" tmp/retrain_logs/tiny_conv-1/test | sed 's/^\(eval[^ ]*\) 10 /\1 /' | sort >theirs
grep -c 'accuracy \|recall\|precision' ours
for tag in accuracy cross_entropy recall precision; do
    grep "^eval.*$tag" ours >a
    grep "^eval.*$tag" theirs >b
    cmp a b && echo "$tag: the same"
done
python3 "$SUPPORT/read_events.py" logs/mine/test | cut -d' ' -f1-3 | grep PNG
run wordspot test --start_checkpoint=tmp/speech_commands_train --summaries_dir=logs --run_name=mine
run wordspot test --start_checkpoint=tmp/speech_commands_train --summaries_dir=logs --run_name=a/b
run wordspot test --start_checkpoint=tmp/speech_commands_train --data_dir=nowhere --set=all
run wordspot test --start_checkpoint=tmp/speech_commands_train --data_dir=mine
mkdir none
run wordspot test --start_checkpoint=tmp/speech_commands_train --data_dir=none --set=all
printf 'a\nb\nc\nd\n' >other_labels
run wordspot test --graph=g.pb --labels=other_labels --data_dir=data
run wordspot test --graph=g.pb --labels=other_labels --data_dir=mine --set=all
rm mine/*/*.wav
printf 'no sound' >mine/no/bad.wav
run wordspot test --start_checkpoint=tmp/speech_commands_train --data_dir=mine --set=all
[ -w /dev/full ] && wordspot test --start_checkpoint=tmp/speech_commands_train >/dev/full
echo "exit code $?"
# the line of JSON goes into a pipe or a device as it is
mkfifo pipe
cat pipe >from_pipe &
wordspot test --start_checkpoint=tmp/speech_commands_train --json=pipe >/dev/null
wait
wordspot test --start_checkpoint=tmp/speech_commands_train --json=as_file >/dev/null
run cmp from_pipe as_file
test -p pipe && echo "still a pipe"
wordspot test --start_checkpoint=tmp/speech_commands_train --json=/dev/full 2>&1 >/dev/null
test -c /dev/full && echo "still a device"
