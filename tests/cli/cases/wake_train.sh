# A wake word: trained with a validation in streams, stopped half-way and resumed with another number
# of threads to the same checkpoint, tested on long sound as a checkpoint, and what is refused.
. "$CASES/lib.sh"
make_data
dirs="--wake_word_clips=data/yes --wake_word_speech=data/no --noise_dir=data/_background_noise_"
net="--mixednet_first_filters=8 --mixednet_kernels=[3],[5] --mixednet_filters=8,8
    --mixednet_residuals=0,0 --clip_duration_ms=1000"
flags="--preset=wake --wake_word=yes $dirs $net --batch_size=12 --eval_step_interval=4
    --save_step_interval=4 --log_step_interval=4"
# shellcheck disable=SC2086
wordspot train $flags --how_many_training_steps=8 --threads=1 --train_dir=whole --run_name=whole 2>&1 |
    sed -E 's/rate .*/rate #/; s/[0-9.]+%/#%/g; s/\([0-9.]+ (s|minutes|hours) of/(# of/'
# shellcheck disable=SC2086
wordspot train $flags --how_many_training_steps=8 --stop_after_step=3 --threads=2 --train_dir=half \
    --run_name=half >half.log 2>&1
wordspot train --start_checkpoint=half --threads=3 >>half.log 2>&1
python3 "$SUPPORT/read_bundle.py" whole/mixednet.ckpt-8 >whole.weights
python3 "$SUPPORT/read_bundle.py" half/mixednet.ckpt-8 >half.weights
run cmp whole.weights half.weights
cat whole/mixednet_labels.txt
wordspot test --long=data/no --phrases=data/yes --snr=clean,10 --noise_dir=data/_background_noise_ \
    --start_checkpoint=whole --how_many_mistakes=2 | sed -E 's/[0-9]+(\.[0-9]+)?/#/g; s/ +/ /g; s/(# )(s|minutes|hours) of/\1of/' |
    head -14
wordspot test --long=data/no --phrases=data/yes --snr=0 --noise_dir=data/_background_noise_ \
    --start_checkpoint=whole --json --target_false_accepts=100 --threads=1 >one.json
wordspot test --long=data/no --phrases=data/yes --snr=0 --noise_dir=data/_background_noise_ \
    --start_checkpoint=whole --json --target_false_accepts=100 --threads=3 >other.json
run cmp one.json other.json
python3 - <<'PYTHON'
import json
line = json.load(open("one.json"))
way = line["ways"][0]
points = way["points"]
print(sorted(line), way["snr"], way["phrases"], len(points), line["is_extrapolated"])
bests = [r["best"] for r in line["recordings"] if r["phrase"]]
for p in points:
    assert p["misses"] == sum(not best > p["cutoff"] for best in bests), p
others = [r["best"] for r in line["recordings"] if not r["phrase"]]
for p in points:
    assert p["false_accepts"] >= sum(best > p["cutoff"] for best in others), p
PYTHON
# for a device: the cutoff is chosen by long sound, or given
wordspot freeze --start_checkpoint=whole --target=esphome --save_format=tflite --calibration_clips=300 \
    --output_file=yes.tflite --long=data/no --target_false_accepts=100 2>&1 |
    sed -E 's/is 0\.[0-9]+/is #/; s/[0-9.]+ (s|minutes|hours|an hour and)/# \1/g; s/# (s|minutes|hours) of sound/# of sound/'
python3 -c 'import json; print(0 < json.load(open("yes.json"))["micro"]["probability_cutoff"] < 1)'
run wordspot freeze --start_checkpoint=whole --target=esphome --save_format=tflite --cutoff=0.75 \
    --calibration_clips=300 --output_file=yes.tflite
cat yes.json | sed -E '/tensor_arena_size/d'
wordspot test --long=data/no --phrases=data/yes --graph=yes.tflite --json=device.json \
    --how_many_mistakes=0 >/dev/null
wordspot test --long=data/no --phrases=data/yes --start_checkpoint=whole --json=float.json \
    --how_many_mistakes=0 >/dev/null
python3 - <<'PYTHON'
import json
line = json.load(open("device.json"))
own = line["ways"][0]["manifest"]
phrases = [r["best"] for r in line["recordings"] if r["phrase"]]
others = [r["best"] for r in line["recordings"] if not r["phrase"]]
point = line["ways"][0]["points"][192]
print(own["cutoff"], own["misses"] == sum(not best > 0.75 for best in phrases),
      {key: point[key] for key in own} == own, len(others))
lines = [json.load(open(name))["recordings"] for name in ("device.json", "float.json")]
print("manifest" in json.load(open("float.json"))["ways"][0])
print(len(lines[0]), max(abs(a["best"] - b["best"]) for a, b in zip(*lines)) < 0.05)
PYTHON
# the cutoff of the manifest has a row of its own; recordings with equal scores are all listed
wordspot test --long=data/no --phrases=data/yes --graph=yes.tflite --how_many_mistakes=1000 >device.txt
grep -E '^The row|^ *manifest' device.txt | cut -c1-20
sed -n '/^Nearest/,$p' device.txt | grep -c ' of data/no'
run wordspot freeze --start_checkpoint=whole --save_format=tflite --output_file=x.tflite --cutoff=0.7
run wordspot train --preset=wake --wake_word=yes
run wordspot train --preset=wake --wake_word=yes --wake_word_clips=data/yes
run wordspot train --preset=wake --wake_word=yes $dirs --mixup=0.2
run wordspot train --preset=wake --wake_word=yes --wake_word_clips=data/yes,nowhere \
    --wake_word_speech=data/no
run wordspot train --wake_word_share=0.5
run wordspot train --rir_dir=data
run wordspot test --long=data/no --start_checkpoint=whole --snr=10
run wordspot test --long=data/no --start_checkpoint=whole --snr=ten
run wordspot test --long=nowhere --start_checkpoint=whole
# sound in a folder named after the phrase says it, as in a data set of words
mkdir words yeses
cp -r data/no data/yes words
cp -r data/yes yeses/YES
run wordspot test --long=data/yes --start_checkpoint=whole
run wordspot test --long=yeses --start_checkpoint=whole
wordspot test --long=words --start_checkpoint=whole --json=words.json 2>&1 >/dev/null | sort
wordspot test --long=data/no --start_checkpoint=whole --json=no.json >/dev/null
python3 - <<'PYTHON'
import json
words, no = ([(r["file"].split("/", 1)[1], r["best"]) for r in json.load(open(name))["recordings"]]
             for name in ("words.json", "no.json"))
print(words == no)
PYTHON
wordspot freeze --start_checkpoint=whole --target=esphome --save_format=tflite --calibration_clips=300 \
    --output_file=words.tflite --long=words --target_false_accepts=100 2>&1 | grep 'left out'
mkfifo pipe
run wordspot test --long=data/no --start_checkpoint=whole --text=pipe
