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
echo "--- WAV files of other samples, and with more than sound"
cat > kinds.py <<'END'
import array, struct, sys
kind, sound = sys.argv[1], array.array("h", open("sound.raw", "rb").read())
tail = b"LIST" + struct.pack("<I", 3200) + b"\x70" * 3200
ids, tag, bits, data, first = b"RIFF", 1, 16, sound.tobytes(), b""
length = len(data)
if kind == "f64":
    tag, bits, data = 3, 64, array.array("d", [s / 32768 for s in sound]).tobytes()
    length = len(data)
elif kind == "u8":
    bits, data = 8, bytes(max(0, min(255, s // 256 + 128)) for s in sound)
    length = len(data)
elif kind == "s16":  # what u8 has kept
    data = array.array("h", [s // 256 * 256 for s in sound]).tobytes()
elif kind == "rf64":
    ids, length = b"RF64", 0xffffffff
    first = b"ds64" + struct.pack("<IQQQI", 28, 0, len(data), len(sound), 0)
elif kind == "split":
    half = len(data) // 4 * 2
    data, tail = data[:half], tail + b"data" + struct.pack("<I", len(data) - half) + data[half:] + tail
    length = half
elif kind == "short":  # a header that announces less
    length, tail = 2000, b""
body = b"WAVE" + first + b"fmt " + struct.pack("<IHHIIHH", 16, tag, 1, 16000, 2000 * bits, bits // 8, bits)
sys.stdout.buffer.write(ids + struct.pack("<I", 4) + body + b"data" + struct.pack("<I", length) + data + tail)
END
for kind in tail f64 rf64 split short; do
    python3 kinds.py $kind | listen - | diff piped - && echo "$kind: the same"
done
python3 kinds.py s16 | listen - > rounded
python3 kinds.py u8 | listen - | diff rounded - && echo "u8: the same"
python3 kinds.py u8 | tail -c +45 | head -c -3208 | listen --raw_format=u8 - | diff rounded - && echo "raw: the same"
echo "--- the other rule"
listen --mean_of_last=5 --suppression_ms=2000 sound.wav
echo "--- JSON"
listen --json --unknown sound.wav | head -3
echo "--- a command for each word, and what is recorded"
listen --exec='echo "$WORDSPOT_WORD at $WORDSPOT_TIME s" >> ran' --record=kept sound.wav |
    diff piped - && sort -n -k 3 ran
find kept -type f | sed 's/[0-9]*-[0-9]*_\([0-9]*ms\)/DATE_\1/' | sort
echo "--- recorded again, nothing is replaced"
find kept -type f | wc -l > before
for _ in 1 2 3; do
    listen --record=again sound.wav > log
done
find again -type f | wc -l | awk '{ getline n < "before"; print ($1 == 3 * n ? "three times as many" : $1 " and " n) }'
echo "--- a file waits for its commands"
listen --mean_of_last=1 --detection_threshold=0.2 --suppression_ms=300 \
    --exec='echo "$WORDSPOT_TIME" >> slow; sleep 0.3' sound.wav > many
wc -l < many | awk '{ print ($1 > 8 ? "more than 8" : $1) }'
test "$(wc -l < slow)" = "$(wc -l < many)" && echo "as many commands as words"
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
for n in 4 11 12 19 30 43; do
    head -c $n sound.wav | listen -
done
printf fLaC | listen -
printf 'RIFF\044\0\0\0AVI LIST' | listen -
wav slow.wav 100 0x5dc00
listen - < slow.wav
wordspot listen sound.wav
wordspot listen --graph=model.pb sound.wav
listen --raw_format=s8 - < sound.raw
for head in fLaC "OggS\\0" FORM "ID3\\3" RIFX "caff\\0\\1" ".snd\\0\\0"; do
    { printf "$head"; cat sound.raw; } | listen -
done
python3 kinds.py f64 | sed '1s/\x03\x00\x01/\x06\x00\x01/' | listen -
listen --clip_stride_ms=2000 sound.wav
echo "exit code $?"
listen --minimum_count=100 sound.wav
echo "exit code $?"
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
