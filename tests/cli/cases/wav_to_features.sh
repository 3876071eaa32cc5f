# The features of a sound file as C source: what it compiles to, names, and what cannot be written.
. "$CASES/lib.sh"
make_dataset data yes
cp data/yes/10000000_nohash_0.wav clip.wav
f() {
    run wordspot wav_to_features "$@"
}
# Compiles FILE with what prints how many features NAME has, and the first of them.
show() {
    cat "$1" - >program.c <<C
#include <stdio.h>
int main(void)
{
    printf("%s: %d x %d, %zu numbers of %zu bytes\\n", "$2", $2_height, $2_width,
           sizeof $2_data / sizeof *$2_data, sizeof *$2_data);
    return 0;
}
C
    cc -std=c17 -Wall -Wextra -Wpedantic -Werror -o program program.c && ./program
}
echo "--- each kind, as floats and as bytes"
f --input_wav=clip.wav --output_c_file=made/float.c
show made/float.c g_clip
sed '/^};/!{/^  /d}' made/float.c
f --input_wav clip.wav --output_c_file bytes.c --quantize
show bytes.c g_clip
f --input_wav=clip.wav --output_c_file=micro.c --preprocess=micro --window_stride=20 --quantize=1
show micro.c g_clip
f --input_wav=clip.wav --output_c_file=average.c --preprocess=average
show average.c g_clip
echo "--- bytes are the floats over the range of the kind"
f --input_wav=clip.wav --output_c_file=micro_float.c --preprocess=micro --window_stride_ms=20
python3 - <<'PY'
import re
def numbers(name):
    return [float(n) for n in re.findall(r"[-.\d]+(?=,)", open(name).read().split("{")[1])]
floats, integers = numbers("micro_float.c"), numbers("micro.c")
print(len(floats), max(abs(min(255, 255 * f / 26) - i) for f, i in zip(floats, integers)) <= 0.501)
PY
echo "--- no is no, unlike in the original"
f --input_wav=clip.wav --output_c_file=again.c --quantize=0
sed 's|made/float|again|' made/float.c | run cmp - again.c
echo "--- names that C does not have, and those that would end the comment"
mkdir -p 'a*' 'b/*'
for name in 'my-clip 1.wav' 2.WAV 'ähm.wav' '.wav' 'a*/x.wav' 'b/*/y.wav' 'back\slash.wav' '"q".wav'; do
    cp clip.wav "$name"
    f --input_wav="$name" --output_c_file='b/*/x.c'
    show 'b/*/x.c' "$(sed -n 's/^const int \(.*\)_width.*/\1/p' 'b/*/x.c')"
    grep input_wav 'b/*/x.c'
done
echo "--- other rates, lengths and channels"
python3 - <<'PY'
import wave
with wave.open("clip.wav") as clip:
    frames = clip.readframes(5000)
with wave.open("stereo.wav", "wb") as out:
    out.setnchannels(2)
    out.setsampwidth(2)
    out.setframerate(8000)
    out.writeframes(b"".join(frames[i:i + 2] * 2 for i in range(0, len(frames), 2)))
PY
f --input_wav=stereo.wav --output_c_file=x.c
show x.c g_stereo
echo "--- a file is replaced"
f --input_wav=clip.wav --output_c_file=x.c
show x.c g_clip
cp x.c before.c
python3 - <<'PY'
import struct
samples = struct.pack("<f", 1e30) * 16000
with open("huge.wav", "wb") as out:
    out.write(b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt ")
    out.write(struct.pack("<IHHIIHH", 16, 3, 1, 16000, 64000, 4, 32))
    out.write(b"data" + struct.pack("<I", len(samples)) + samples)
PY
ls >names
echo "--- what is refused"
f
f --input_wav=clip.wav
f --input_wav=none.wav --output_c_file=x.c
f --input_wav=data --output_c_file=x.c
f --input_wav=x.c --output_c_file=y.c
f --input_wav=huge.wav --output_c_file=x.c --preprocess=average
f --input_wav=clip.wav --output_c_file=./clip.wav
f --input_wav=clip.wav --output_c_file=data
f --input_wav=clip.wav --output_c_file=/dev/null
mkfifo pipe
f --input_wav=clip.wav --output_c_file=pipe
rm pipe
f --input_wav=clip.wav --output_c_file=clip.wav/x.c
f --input_wav=clip.wav --output_c_file=x.c --preprocess=mel
f --input_wav=clip.wav --output_c_file=x.c --preprocess=micro --sample_rate=8000
f --input_wav=clip.wav --output_c_file=x.c --window_size_ms=2000
f --input_wav=clip.wav --output_c_file=x.c --feature_bin_count=41
f --input_wav=clip.wav --output_c_file=x.c --dct_coefficient_count=20
f --input_wav=clip.wav --output_c_file=x.c --quantize=maybe
f --input_wav="$(printf 'a\nb.wav')" --output_c_file=x.c
echo "--- and nothing was written meanwhile"
run cmp x.c before.c
ls | diff names - && echo "no other file"
