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
echo "--- events: part of the run, tag, kind, steps"
for part in . train validation test; do
    python3 "$SUPPORT/read_events.py" "tmp/retrain_logs/tiny_conv-1/$part" |
        grep -v word_precision | # missing for a label that was never said
        sed -e 's/0x[^ ]*$/scalar/' -e 's/ [0-9a-f]*$//' -e 's/-[0-9a-f]\{6\}$/-######/' | awk -v part=$part '
            { if (!($1 in steps)) tags[n++] = $1; kinds[$1] = $3; steps[$1] = steps[$1] " " $2 }
            END { for (i = 0; i < n; i++) print part, tags[i], kinds[tags[i]] ":" steps[tags[i]] }'
done
echo "--- only every fifth step, a second run beside the first"
# shellcheck disable=SC2086
run wordspot train $small --log_step_interval=5 2>&1 | mask
ls tmp/retrain_logs tmp/speech_commands_train
