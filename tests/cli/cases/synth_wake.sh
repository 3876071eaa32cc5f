# Voices for a wake word by a stand-in for espeak-ng: made, found again, completed, and refused for
# other flags.
. "$CASES/lib.sh"
synth="wordspot synth --phrase=tobi --data_dir=voices --positives=4 --near_misses=4 --sentences=2
    --background_seconds=2 --engines=espeak-ng --espeak=fake_espeak"
# shellcheck disable=SC2086
run $synth
find voices -type f | sort
sed -n '1p; /near/p; /noise/p' voices/manifest.tsv
rm voices/near/espeak-ng-00001_nohash_0.flac voices/noise/pink_noise.wav
# shellcheck disable=SC2086
run $synth
# shellcheck disable=SC2086
run $synth
# shellcheck disable=SC2086
run $synth --seed=1
run wordspot synth --phrase=tobi --data_dir=other --engines=siri
run wordspot synth --phrase=tobi --data_dir=other --engines=espeak-ng --espeak=no-such-program
run wordspot synth --phrase=tobi --data_dir=hung --positives=1 --near_misses=0 --sentences=0 \
    --engines=espeak-ng --espeak=fake_espeak --tts_command='sleep 60; : {out}' --tts_seconds=0.5
run wordspot synth --phrase=tobi --data_dir=other --tts_seconds=0
run ls
