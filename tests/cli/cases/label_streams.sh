# The reader of the labels may go away before the end, and a disk may be full.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small 2>/dev/null
model=--start_checkpoint=tmp/speech_commands_train
echo "--- the reader goes first: no line about it, ended by SIGPIPE"
{
    wordspot label_wav $model data/*/*.wav data/*/*.wav data/*/*.wav data/*/*.wav data/*/*.wav
    echo "$?" >code
} | head -2 | sed 's/=.*//'
cat code
echo "--- no room"
wordspot label_wav $model --wav=data/yes/10000000_nohash_0.wav >/dev/full
echo "exit code $?"
wordspot label_wav $model --json data/*/*.wav data/*/*.wav >/dev/full
echo "exit code $?"
wordspot label_wav $model data/*/*.wav data/*/*.wav >/dev/full
echo "exit code $?"
echo "--- streams closed from the start"
wordspot label_wav $model --wav=data/yes/10000000_nohash_0.wav <&- >&- 2>&-
echo "exit code $?"
