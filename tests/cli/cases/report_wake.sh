# `wordspot report` of a wake word: its cutoffs are those of the event file's curves.
. "$CASES/lib.sh"
make_data
# recordings that are long enough to be heard after the first window
python3 - <<'PYTHON'
import glob
import os
import wave
os.makedirs("data/talk")
clips = sorted(glob.glob("data/no/*.wav"))
for number in range(20):
    with wave.open(f"data/talk/talk{number}_nohash_0.wav", "wb") as to:
        for i in range(12):
            with wave.open(clips[(7 * number + i) % len(clips)]) as clip:
                if i == 0:
                    to.setparams(clip.getparams())
                to.writeframes(clip.readframes(clip.getnframes()))
PYTHON
wordspot train --preset=wake --wake_word=yes --wake_word_clips=data/yes --wake_word_speech=data/talk \
    --noise_dir=data/_background_noise_ --mixednet_first_filters=8 "--mixednet_kernels=[3],[5]" \
    --mixednet_filters=8,8 --mixednet_residuals=0,0 --clip_duration_ms=1000 --batch_size=12 \
    --how_many_training_steps=8 --eval_step_interval=4 --run_name=one >/dev/null 2>&1
wordspot report tmp/retrain_logs/one --json | python3 -c '
import json, sys
run = json.load(sys.stdin)["groups"][0]["runs"][0]
cutoffs = run["cutoffs"]
for name, order in (("cutoff", 1), ("false_accepts_an_hour", -1), ("missed", 1)):
    values = [order * point[name] for point in cutoffs]
    assert values == sorted(values), (name, values)
for curve in run["curves"]:
    if curve["tag"].startswith("eval/misses_at_") and curve["part"] == "validation":
        rate = float(curve["tag"].split("_")[2])
        misses = next(p["missed"] for p in cutoffs if p["false_accepts_an_hour"] <= rate)
        assert abs(misses - curve["last"]) < 1e-4, (curve["tag"], misses, curve["last"])
        print(curve["tag"], "is in the table")'
wordspot report tmp/retrain_logs/one --text | grep -A 2 '^wake word' | sed -E 's/[0-9.]+/#/g; s/ +/ /g'
run wordspot report tmp/retrain_logs/one --output=one.html
grep -c 'Missed phrases by false accepts' one.html
