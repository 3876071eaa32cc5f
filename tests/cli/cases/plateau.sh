# --stop_after_plateau ends a run when validation does not become better, after the same step whether
# or not it was interrupted, and as a success.
. "$CASES/lib.sh"
make_data
# With such rates the weights hardly move, so that the first validation stays the best one.
flat="$small --how_many_training_steps=40,10 --learning_rate=1e-20,1e-20"
flat="$flat --eval_step_interval=2 --save_step_interval=3"
steps() {
    grep -E '^(Step|Final| \[|Confusion|No better)' "$1"
}
show() {
    python3 - "$1" <<'END'
import json, sys
line = json.load(open(sys.argv[1]))
print(line["status"], line["exit_code"], line["step"], line["is_plateau"], line["best_validation_step"],
      line["last_validation_step"], line["test_accuracy"] is not None)
END
}

echo "--- in one go"
# shellcheck disable=SC2086
wordspot train $flat --stop_after_plateau=3 --train_dir=a --summaries_dir=la --json=a.json 2>a.log
echo "exit code $?"
grep -E '^(Step [0-9]+: Val|No better|set_size|Final)' a.log | mask | sed 's/best: [0-9.]*/best: #/'
show a.json
ls a
echo "--- TensorBoard is told of a success"
python3 "$SUPPORT/read_events.py" la/tiny_conv-1 | grep -E '^(eval-run)' | sed -E '/unfinished/!s/0x.*/#/'

echo "--- interrupted between two validations, and resumed from an older checkpoint"
# shellcheck disable=SC2086
wordspot train $flat --stop_after_plateau=3 --train_dir=b --summaries_dir=lb --stop_after_step=5 2>b1.log
wordspot train --start_checkpoint=b --json=b.json 2>b2.log
show b.json
{ steps b1.log; steps b2.log; } >b.steps
steps a.log >a.steps
run cmp a.steps b.steps
wordspot train --start_checkpoint=b/tiny_conv.ckpt-3 --json=c.json 2>c.log
show c.json
for dir in a b; do
    python3 "$SUPPORT/read_bundle.py" $dir/tiny_conv.ckpt-8 | grep -v settings >$dir.weights
done
run cmp a.weights b.weights

echo "--- resumed at its end, and with more patience"
wordspot train --start_checkpoint=a --json=d.json 2>d.log
show d.json
wordspot train --start_checkpoint=a --stop_after_plateau=5 --json=e.json 2>e.log
show e.json

echo "--- without the flag all steps are done, and no checkpoint holds a count"
# shellcheck disable=SC2086
wordspot train $flat --how_many_training_steps=10,2 --train_dir=f --summaries_dir=lf --json=f.json 2>f.log
show f.json
for checkpoint in a/tiny_conv.ckpt-8 f/tiny_conv.ckpt-12; do
    echo "$checkpoint: $(grep -a -o -E 'plateau_best|since_best' $checkpoint.index | wc -l) of 2"
done

echo "--- a sweep"
# shellcheck disable=SC2086
wordspot sweep --dir=s --param "stop_after_plateau = 1, 2" -- $flat >s.log 2>&1
echo "exit code $?"
cut -d, -f 1-9 s/results.csv | sed -E 's/0\.[0-9]+/#/g'
