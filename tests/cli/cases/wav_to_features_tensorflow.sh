# What TensorFlow's wav_to_features wrote for the same clip, byte for byte; but it writes zeros that
# rounding left as -0.000000, where ours have no sign.
. "$CASES/lib.sh"
shared=$CASES/../../../shared
golden=$shared/golden/tensorflow/wav_to_features
data=$shared/data/speech_commands
[ -d "$golden" ] && [ -d "$data" ] || {
    echo "skipped: needs TensorFlow's features and real clips"
    exit 77
}
cd "$data" || exit 1 # where the original was run
t() {
    name=$1
    shift
    wordspot wav_to_features --input_wav=yes/422d3197_nohash_0.wav \
        --output_c_file="$out/$name.c" "$@" 2>/dev/null
    sed "s|\"$out/|\"|" "$out/$name.c" >"$out/ours"
    sed 's/-0\.000000/0.000000/g' "$golden/$name.c.txt" | run diff - "$out/ours" | sed "s|$out/||"
}
out=$OLDPWD
t mfcc_float
t mfcc_quantized --quantize=1
t average_quantized --preprocess=average --quantize
t micro_float --preprocess=micro --window_stride_ms=20
t micro_quantized --preprocess=micro --window_stride_ms=20 --quantize=True
