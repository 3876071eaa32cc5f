# From a word to the files of a device, in steps that are printed, and remembered: a second call does
# nothing again, and other flags do again what depends on them.
. "$CASES/lib.sh"
command -v espeak-ng >/dev/null || exit 77
wake() {
    wordspot wake --word="Hey you" --output=out --voices=20 --steps=3 --engines=espeak-ng "$@" 2>&1 |
        grep -E '^((\(done\) )?wordspot|Made|Stopped)' | sed -E 's/--tts_command=[^ ]+//'
}
wake
(cd out && ls . firmware)
python3 - <<'PYTHON'
import json
manifest = json.load(open("out/hey_you.json"))
print(manifest["wake_word"], manifest["model"], manifest["micro"]["feature_step_size"])
print([line for line in open("out/report.md") if line.startswith(("#", "* out"))])
PYTHON
grep -c '^\* .*eSpeak NG' out/report.md
grep -A1 'How good' out/report.md | head -1
grep -c 'False accepts an hour of sound without "Hey you"' out/report.md
wake | cut -c1-30
# more sound of one's own: training and what comes after it is made again, the voices are not
mkdir kitchen
cp out/voices/noise/*.wav kitchen
wake --negatives=kitchen | cut -c1-30
grep kitchen out/report.md | head -1
# files that are gone; another word in the same place; folders that are missing
rm out/firmware/hey_you.h out/test.txt
wake --negatives=kitchen | cut -c1-30
run wordspot wake --word=alexa --output=out --voices=20 --steps=3 --engines=espeak-ng
wake --negatives=kitchen | cut -c1-30 | uniq -c -w 6
grep 'synth.*Hey you' out/report.md | head -1
run wordspot wake --word=new --output=other --negatives=kitchen,nowhere
mkdir silent
run wordspot wake --word=new --output=other --false_accepts=silent
run wordspot wake --word=new --output=one,two
# a phrase that is the name of a folder of voices
wordspot wake --word=Speech --output=talk --voices=20 --steps=1 --engines=espeak-ng 2>&1 |
    grep -E '^(wordspot (freeze|test)[ :]|Made)'
# a phrase that the voices cannot speak, and files in the place of folders
run wordspot wake --word="R2-D2, please!" --output=other
run wordspot wake --word="" --output=other
run wordspot wake --word=new --output=other --recordings=out/report.md
run wordspot wake --word=new --output=out/report.md
# sound in which the phrase must not be said, in folders that are named after it
mkdir -p words/kitchen words/Hey-You one,two
cp out/voices/noise/*.wav words/kitchen
cp out/voices/noise/*.wav words/Hey-You
run wordspot wake --word="Hey you" --output=other --negatives=words/Hey-You/
run wordspot wake --word="Hey you" --output=other --negatives=kitchen --held_out=words 2>&1 |
    sed 's/Hey-You.*wav:/Hey-You...wav:/'
cp out/voices/noise/*.wav one,two
run wordspot wake --word=new --output=other --noise_dir=one,two
ls other 2>&1 | sed 's/.*: //'
run wordspot wake --output=out
run wordspot wake --word=yes
run wordspot wake --word=yes --output=out --preset=fast
