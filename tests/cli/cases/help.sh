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
echo "--- the same by the word help"
for command in train label_wav_dir 'events csv'; do
    # shellcheck disable=SC2086
    [ "$(wordspot help $command)" = "$(wordspot $command --help)" ] || echo "help $command differs"
done
run wordspot help events
run wordspot help trian
run wordspot help events frobnicate
