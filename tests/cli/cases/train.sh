# A whole small run: its lines, its files, its events.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
run wordspot train $small 2>&1 | mask
echo "--- files"
find tmp -type f | sed 's/tfevents\..*/tfevents.#/' | sort
echo "--- labels"
cat tmp/speech_commands_train/tiny_conv_labels.txt
echo
echo "--- checkpoint"
cat tmp/speech_commands_train/checkpoint tmp/speech_commands_train/best/checkpoint
echo "--- events"
for set in train validation test; do
    python3 "$SUPPORT/read_events.py" "tmp/retrain_logs/tiny_conv-1/$set" |
        sed -e 's/0x[^ ]*$/#/' -e 's/PNG .*/PNG #/' -e "s/^/$set /"
done
echo "--- only every fifth step, a second run beside the first"
# shellcheck disable=SC2086
run wordspot train $small --log_step_interval=5 2>&1 | mask
ls tmp/retrain_logs tmp/speech_commands_train
