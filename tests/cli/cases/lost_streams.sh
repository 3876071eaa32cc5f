# The reader of the lines may go away, or be missing from the start: the run continues.
. "$CASES/lib.sh"
make_data
echo "--- closed from the start: no file is mistaken for the terminal"
# shellcheck disable=SC2086
wordspot train $small --train_dir=t --summaries_dir=l <&- >&- 2>&-
echo "exit code $?"
for set in train validation test; do
    python3 "$SUPPORT/read_events.py" l/tiny_conv-1/$set >/dev/null && echo "events whole"
done
echo "--- the reader of a pipe goes first, as tee does at Ctrl-C"
# shellcheck disable=SC2086
wordspot train $small --train_dir=u --summaries_dir=l 2>&1 | head -5 | tail -1 | mask
sleep 2
ls u
echo "--- nowhere to print to"
wordspot --help >/dev/full
echo "exit code $?"
wordspot bench --model_architecture=single_fc --steps=1 --batch_size=1 >/dev/full
echo "exit code $?"
