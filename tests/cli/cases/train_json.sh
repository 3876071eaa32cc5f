# One line of JSON says how a run ended, however it did; nothing else is on standard output.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
show() { # the line, and whether it says what it should
    python3 - "$@" <<'END'
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
assert text.count("\n") == 1 and text.endswith("\n"), text
line = json.loads(text)
print(line["status"], line["exit_code"], line["run_name"], line["checkpoint"], line["event_dir"])
print(line["error"] if line["status"] == "failed" and "cross entropy" not in line["error"] else line["error"] is not None)
known = [k for k in line if isinstance(line[k], float) and ("acc" in k or "entropy" in k)]
assert all(0 <= line[k] < 10 for k in known)
print(" ".join(known) or "no figures", [line["best_validation_step"] in (5, 10), line["last_validation_step"]])
print(line["step"] if line["step"] < 100 else "many", line["seconds"] >= 0, line["seed"], line["settings"]["learning_rate"],
      line["settings"]["batch_size"], line["settings"]["strict"])
END
}
echo "--- success"
# shellcheck disable=SC2086
wordspot train $small --json >line 2>log
echo "exit code $?"
show line
echo "--- resumed at its end: the figures of the last step are known, the curve gets no second point"
python3 "$SUPPORT/read_events.py" tmp/retrain_logs/tiny_conv-1/validation >before
wordspot train --start_checkpoint=tmp/speech_commands_train --json=resumed 2>log
show resumed
python3 "$SUPPORT/read_events.py" tmp/retrain_logs/tiny_conv-1/validation | cmp - before && echo "the same curve"
python3 - <<'END'
import json
a, b = (json.load(open(name)) for name in ("line", "resumed"))
print([k for k in a if a[k] != b[k]])
END
echo "--- stopped after a step, into a file; the resumed run comes to the same end"
# shellcheck disable=SC2086
wordspot train $small --train_dir=t --summaries_dir=l --stop_after_step=7 --json=stopped 2>log
echo "exit code $?"
tail -1 log
show stopped
wordspot train --start_checkpoint=t --json=end 2>log
python3 "$SUPPORT/read_events.py" l/tiny_conv-1/validation | cmp - before && echo "the same curve"
ls t/best
python3 - <<'END'
import json
a, b = (json.load(open(name)) for name in ("line", "end"))
print([k for k in a if a[k] != b[k]])
END
echo "--- not finite"
# shellcheck disable=SC2086
wordspot train $small --learning_rate=1e30,1 --train_dir=f --summaries_dir=l --run_name=bad --json >line 2>log
echo "exit code $?"
show line
echo "--- by a signal"
# shellcheck disable=SC2086
wordspot train $small --how_many_training_steps=100000,0 --train_dir=s --summaries_dir=l --run_name=signal \
    --eval_step_interval=5 --json=line 2>log &
process=$!
until grep -q '^Step #7:' log; do
    sleep 0.05
done
kill $process
wait $process
echo "exit code $?"
process=
show line | sed -e 's/ckpt-[0-9]*/ckpt-#/' -e 's/^[0-9]* True/many True/' -e 's/\[.*\]/#/'
echo "--- wrong flags, wherever they stand"
for flags in "--json --batch_size=0" "--bach_size=10 --json" "--json=line --learning_rate=1" "--start_checkpoint=nowhere --json"; do
    # shellcheck disable=SC2086
    run wordspot train $flags >out 2>&1
    cat out | sed '/^{/d'
    grep '^{' out >line.new && mv line.new line
    python3 -c 'import json; r = json.load(open("line")); print(r["status"], r["exit_code"], r["error"], r["run_name"])'
done
echo "--- nowhere to write to"
# shellcheck disable=SC2086
wordspot train $small --train_dir=n --summaries_dir=n --json=nowhere/line 2>&1 | tail -1
# shellcheck disable=SC2086
wordspot train $small --train_dir=m --summaries_dir=m --json 2>log >/dev/full
echo "exit code $?"
tail -1 log
echo "--- it takes no word behind it"
run wordspot train --json line | sed 's/^{.*/{...}/'
