# Labelling what cannot be labelled, and wrong flags.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small 2>/dev/null
model=--start_checkpoint=tmp/speech_commands_train
labels=tmp/speech_commands_train/tiny_conv_labels.txt
good=data/yes/10000000_nohash_0.wav
digits() {
    sed -E -e 's/(= 0\.)[0-9]+/\1#/' -e 's/:[0-9.e-]+/:#/g'
}
mkdir clips none
cp $good clips/d_good.wav
: >clips/a_empty.wav
echo "this is no sound" >clips/b_text.wav
head -c 2000 $good >clips/c_cut.wav
mkfifo clips/e_pipe.wav
mkdir clips/f_folder.wav
ln -s nowhere clips/g_link.wav
printf 'RIFF\377\377\377\377WAVEfmt ' >clips/h_head.flac
python3 - $good <<'PY'
import sys, wave
with wave.open(sys.argv[1]) as sound:
    frames = sound.readframes(sound.getnframes())
def write(name, channels, width, rate, frames):
    with wave.open("clips/" + name, "wb") as sound:
        sound.setparams((channels, width, rate, 0, "NONE", ""))
        sound.writeframes(frames)
pairs = [frames[i:i + 2] for i in range(0, len(frames), 2)]
write("i_stereo.wav", 2, 2, 16000, b"".join(p + b"\0\1" for p in pairs))
write("j_24bit.wav", 1, 3, 16000, b"".join(b"\0" + p for p in pairs))
write("k_8khz.wav", 1, 2, 8000, b"".join(pairs[::2]))
write("l_32khz.wav", 1, 2, 32000, b"".join(p + p for p in pairs))
PY
echo "--- each bad file costs a line, the others are labelled"
run wordspot label_wav_dir $model --wav_dir=clips --how_many_labels=1 2>&1 | digits
echo "--- the first channel counts, and 24 bits are 16 and more"
wordspot label_wav $model clips/d_good.wav clips/i_stereo.wav clips/j_24bit.wav | grep score | sort |
    uniq -c | sed 's/ (score.*//'
echo "--- one bad file, as JSON"
run wordspot label_wav $model --wav=clips/a_empty.wav --json
run wordspot label_wav $model --wav="$(printf 'no\377\\such\"')" --json 2>&1 | LC_ALL=C tr '\377' '#'
echo "--- names and flags"
t() {
    run wordspot label_wav "$@"
}
t
t $model
t --wav=$good
t $model --graph=g.pb --wav=$good
t --graph=nowhere.pb --wav=$good
t --graph=nowhere.pb --labels=nowhere.txt --wav=$good
t --graph=nowhere.pb --labels=$labels --wav=$good
t --graph=$labels --labels=$labels --wav=$good
t --graph=clips --labels=$labels --wav=$good
t --graph=g.pb --labels=$labels --window_stride_ms=20 --wav=$good
t $model --input_name=wav_data:0 --wav=$good
t --start_checkpoint=nowhere --wav=$good
t $model --wanted_words=yes,no,maybe --wav=$good
t $model --window_stride_ms=20 --wav=$good
t $model --quantize --wav=$good
printf '_unknown_\n_silence_\nyes\nno\n' >other.txt
t $model --labels=other.txt --wav=$good
mkfifo pipe
t $model --labels=pipe --wav=$good
t $model --wanted_words=yes,no --how_many_labels=1 --wav=$good | digits
t $model --how_many_labels=0 --wav=$good
t $model --engine=slow --wav=$good
t $model --isa=sse9 --wav=$good
t $model -wav=$good
t $model --wav_dir=clips
run wordspot label_wav_dir $model
run wordspot label_wav_dir $model clips
run wordspot label_wav_dir $model --wav_dir=nowhere
run wordspot label_wav_dir $model --wav_dir=none
run wordspot label_wav_dir $model --wav_dir=$good
echo "--- labels"
head -3 $labels >short
printf 'a\n\nb\nc\n' >hole
printf 'a\nb\na\nc\n' >twice
printf 'a\nb\nc\nd\377\n' >latin
: >empty
t $model --labels=short --wav=$good
t $model --labels=hole --wav=$good
t $model --labels=empty --wav=$good
t $model --labels=$good --wav=$good
t $model --labels=clips --wav=$good
t $model --labels=twice --wav=$good --how_many_labels=1 | digits
t $model --labels=twice --wav=$good --json
t $model --labels=latin --wav=$good --json 2>&1 | LC_ALL=C tr '\377' '#'
