# Successive halving: a trial that continues ends with the weights of an uninterrupted run.
. "$CASES/lib.sh"
make_data
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=10"
fixed="$fixed --how_many_training_steps=40,5 --eval_step_interval=10 --save_step_interval=10"
rates="0.02,0.002|0.01,0.001|0.0001,0.00001|0.00001,0.000001"
# shellcheck disable=SC2086
run wordspot sweep --dir=s --search=halving --reduction=2 "--param=learning_rate=$rates" -- \
    $fixed >ranking 2>events
sed -E -e 's/ and [0-9][0-9a-z ]*,.*\(/ (/' -e 's/trial [0-9]+ (resumes).*/trial # \1/' \
    -e 's/trial [0-9]+ (done after step (22|45))/trial # \1/' events
grep -c '1/1  3/3' ranking
best=$(sed -n 's/^ *1  \([0-9]*\) .*/\1/p' ranking)
cut -d, -f6,8 s/results.csv
(cd "s/trials/$best" && ls result*)
echo "--- the same run without a halt"
# (pictures and histograms come with each halt, and speed is no two times the same)
command=$(sed -n 's/^  wordspot/wordspot/p' ranking)
eval "$command --train_dir=t --summaries_dir=l" 2>whole.log
python3 "$SUPPORT/read_bundle.py" t/tiny_conv.ckpt-45 >whole.weights
python3 "$SUPPORT/read_bundle.py" "s/trials/$best/checkpoints/tiny_conv.ckpt-45" |
    cmp - whole.weights && echo "the same weights"
python3 "$SUPPORT/read_events.py" l/tiny_conv-1/train | grep -E '^(eval/|steps/[eg])' >whole.events
python3 "$SUPPORT/read_events.py" "s/logs/trial-$best/train" | grep -E '^(eval/|steps/[eg])' | cmp - whole.events &&
    echo "the same curves of training"
echo "--- one job by number: its turn, and what is done"
run wordspot sweep --dir=s --run_trial=6
run wordspot sweep --dir=s --run_trial=7
# shellcheck disable=SC2086
run wordspot sweep --dir=s2 --search=halving --reduction=2 "--param=learning_rate=$rates" \
    --run_trial=4 -- $fixed
