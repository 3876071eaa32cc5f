# What a newcomer types first.
. "$CASES/lib.sh"
run wordspot
run wordspot --help
run wordspot --version
run wordspot trian
run wordspot frobnicate
run wordspot train --help
run wordspot sweep --help
run wordspot synth --help
run wordspot label_wav --help
wordspot label_wav_dir --help | head -8
