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
run ls
