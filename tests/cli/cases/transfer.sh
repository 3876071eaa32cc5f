# A checkpoint of a run with other words, percentages or batch size starts a new run: weights are
# taken over, labels that both have keep theirs, steps and rates are those of the flags.
. "$CASES/lib.sh"
make_data
brief() {
    grep -E '^(--|warning|Run|Took|Training|Moved|Step #[123]:|wordspot)' | mask |
        sed -E -e 's/, seed.*//'
}
# shellcheck disable=SC2086
wordspot train $small --train_dir=t --summaries_dir=l 2>/dev/null
fine="--how_many_training_steps=2,1 --learning_rate=0.02,0.002"
echo "--- other words"
# shellcheck disable=SC2086
wordspot train --start_checkpoint=t --wanted_words=other,yes $fine --train_dir=u 2>&1 | brief
ls l u
echo "--- the new run continues as its own"
wordspot train --start_checkpoint=u --how_many_training_steps=2,2 2>&1 | brief
echo "--- another batch size, other percentages: all weights fit"
# shellcheck disable=SC2086
wordspot train --start_checkpoint=t --batch_size=5 $fine --train_dir=v --run_name=small 2>&1 | brief
# shellcheck disable=SC2086
wordspot train --start_checkpoint=t --silence_percentage=20 --seed=1 $fine --train_dir=w 2>&1 | brief
echo "--- without steps and rates: the defaults, not those of the checkpoint"
wordspot train --start_checkpoint=t --batch_size=5 --train_dir=x --stop_after_step=1 2>&1 | brief
echo "--- the same values are no change"
wordspot train --start_checkpoint=t --batch_size=10 --wanted_words=yes,no --how_many_training_steps=8,3 2>&1 | brief
echo "--- within a run, and for another network, it is refused"
run wordspot train --start_checkpoint=t --run_name=tiny_conv-1 --batch_size=5
run wordspot train --start_checkpoint=t --wanted_words=yes --window_stride_ms=20
run wordspot train --start_checkpoint=t --wanted_words=yes --model_architecture=conv
