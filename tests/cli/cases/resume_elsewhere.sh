# A run continues where its checkpoint lies, and never in another run's place.
. "$CASES/lib.sh"
make_data
brief() {
    grep -E '^(Run|Training|Moved|Final|wordspot)' | mask
}
sums() {
    (cd "$1" && cksum ./*.ckpt-* checkpoint best/*)
}
# shellcheck disable=SC2086
wordspot train $small --train_dir=t --summaries_dir=l 2>/dev/null
# shellcheck disable=SC2086
wordspot train $small --train_dir=t --summaries_dir=l 2>&1 | brief
echo "--- the first run, moved aside by the second, goes on; the second's files stay as they are"
sums t >before
wordspot train --start_checkpoint=t/tiny_conv-1 --how_many_training_steps=13,2 2>&1 | brief
sums t >after
run cmp before after
cat t/tiny_conv-1/checkpoint
echo "--- told to write where the other one is, it moves that aside"
wordspot train --start_checkpoint=t/tiny_conv-1 --how_many_training_steps=18,2 --train_dir=t 2>&1 |
    brief
ls t
echo "--- a directory that was moved by hand"
mv t elsewhere
wordspot train --start_checkpoint=elsewhere --how_many_training_steps=23,2 2>&1 | brief
[ -e t ] || echo "nothing where it was"
echo "--- from an older checkpoint than the newest: later ones leave the list"
# shellcheck disable=SC2086
wordspot train $small --how_many_training_steps=25,0 --train_dir=o 2>/dev/null
wordspot train --start_checkpoint=o/tiny_conv.ckpt-10 --how_many_training_steps=13,0 2>&1 | brief
cat o/checkpoint
echo "--- the best one of them, from its folder"
wordspot train --start_checkpoint=o/best --how_many_training_steps=1,0 2>&1 | brief
ls o
