# Words as they are heard: from a pipe, a file and a device of ALSA without a sound card.
make_spot_model .
model="--graph=model.pb --labels=labels.txt"
# wav NAME RATE LENGTH: the sound as a WAV file whose header says that rate and length
wav()
{
    python3 - "$@" <<'END'
import struct, sys
name, rate, length = sys.argv[1], int(sys.argv[2]), int(sys.argv[3], 0)
sound = open("sound.raw", "rb").read()
with open(name, "wb") as file:
    file.write(b"RIFF" + struct.pack("<I", length) + b"WAVEfmt " +
               struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16) + b"LIST" +
               struct.pack("<I", 3) + b"odd\0" + b"data" + struct.pack("<I", length) + sound)
END
}
# shellcheck disable=SC2086
listen()
{
    wordspot listen $model "$@"
}

echo "--- a pipe"
listen - < sound.raw | tee piped
echo "--- the windows and words of test_streaming_accuracy"
wav sound.wav 16000 0x5dc00
: > truth
# shellcheck disable=SC2086
wordspot test_streaming_accuracy $model --wav=sound.wav --ground_truth=truth --verbose 2> log |
    sed -n 's/^\([0-9]*\)ms \([a-z]*\):\([0-9.]*\).*/\1 \2 \3/p' |
    awk '{ printf "%9.2f s  %-12s %.2f\n", $1 / 1000, $2, $3 }' > accurate
diff piped accurate && echo "the same"
echo "--- a file, a device, WAV files whose length is unknown, slices"
listen sound.wav | diff piped - && echo "the same"
echo 'pcm.fromfile { type file slave.pcm { type null } file /dev/null infile "sound.raw" format raw }' > asoundrc
ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:$PWD/asoundrc
export ALSA_CONFIG_PATH
listen --device=fromfile | diff piped - && echo "the same"
wordspot listen --list_devices | grep -c '^fromfile'
wav endless.wav 16000 0xffffffff
listen - < endless.wav | diff piped - && echo "the same"
wav empty.wav 16000 0
listen - < empty.wav | diff piped - && echo "the same"
(dd bs=999 count=100; cat) < sound.raw 2>/dev/null | listen - | diff piped - && echo "the same"
python3 -c '
import array, sys
sound = array.array("h", open("sound.raw", "rb").read())
array.array("f", [x / 32768 for s in sound for x in (s, 1.0)]).tofile(sys.stdout.buffer)' |
    listen --raw_format=f32 --raw_channels=2 - | diff piped - && echo "the same"
echo "--- the other rule"
listen --mean_of_last=5 --suppression_ms=2000 sound.wav
echo "--- JSON"
listen --json --unknown sound.wav | head -3
echo "--- a command for each word, and what is recorded"
listen --exec='echo "$WORDSPOT_WORD at $WORDSPOT_TIME s" >> ran' --record=kept sound.wav |
    diff piped - && sort -n -k 3 ran
find kept -type f | sed 's/[0-9]*-[0-9]*_\([0-9]*ms\)/DATE_\1/' | sort
echo "--- near misses"
listen --detection_threshold=0.99 --record=near --record_above=0.3 sound.wav > log
find near -path '*near_misses*' -type f | sed 's/[0-9]*-[0-9]*_\([0-9]*ms\)/DATE_\1/'
echo "--- recorded words are heard as the same word"
for file in kept/yes/*.wav; do
    # shellcheck disable=SC2086
    wordspot label_wav $model --how_many_labels=1 --wav="$file"
done | sed 's/ (.*//'
echo "--- at most 12 MB of memory; a sanitizer takes more"
if grep -q __asan_init "$(command -v wordspot)"; then
    echo yes
else
    mkfifo endless
    # shellcheck disable=SC2086
    wordspot listen $model - < endless > heard &
    exec 3> endless
    cat sound.raw >&3
    for _ in $(seq 300); do
        test "$(wc -l < heard)" -lt "$(wc -l < piped)" || break
        sleep 0.1
    done
    awk '/^VmHWM/ { print ($2 <= 12 * 1024 ? "yes" : $2 " kB") }' /proc/$!/status
    exec 3>&-
    wait
fi
echo "--- what is wrong"
listen --device=missing
echo "exit code $?"
listen missing.wav
listen - < /dev/null
head -c 30 sound.wav | listen -
wav slow.wav 100 0x5dc00
listen - < slow.wav
wordspot listen sound.wav
wordspot listen --graph=model.pb sound.wav
listen --raw_format=u8 - < sound.raw
listen --record_above=0.5 sound.wav
listen sound.wav more.wav
echo "exit code $?"
listen sound.wav > /dev/full
echo "exit code $?"
echo "--- a checkpoint holds its labels"
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small 2> log
wordspot listen --start_checkpoint=tmp/speech_commands_train sound.wav > heard 2> log || cat log
