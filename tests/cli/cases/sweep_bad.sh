# Every mistake is reported before the first trial starts, and no file is left.
. "$CASES/lib.sh"
make_data
run_bad() {
    run wordspot sweep "$@" 2>&1 | cut -c1-400
}
run_bad
run_bad --dir=
run_bad --param=learning_rate
run_bad --param=learing_rate=0.1,0.2
run_bad --param=learning=0.1,0.2
run_bad --param=learning-rate=0.1,0.2
run_bad --param=train_dir=a,b
run_bad --param=seed=1,2
run_bad --param=batch_size=10,0
run_bad --param=batch_size=10,,20
run_bad --param=batch_size=10,10
run_bad --param=learning_rate=0.1,0.10
run_bad --param=batch_size=10
run_bad --param=batch_size=20..10:3
run_bad --param=batch_size=10..20
run_bad --param=batch_size=10..20 --search=one_at_a_time
run_bad --param=batch_size=10..20:1
run_bad --param=batch_size=0.5..20:3
run_bad --param=background_volume=log:0..1:3
run_bad --param=background_volume=log:0.1,1
run_bad --param=batch_size=1..1000:1000 --param=time_shift_ms=1..1000:1000
run_bad --param=batch_size=1,2 --param=batch_size=3,4
run_bad --param=learning_rate=0.001,0.01
run_bad '--param=learning_rate=0.01,0.001|0.01,hot'
run_bad --param=model_architecture=conv,tinyconv
run_bad --param=batch_size=10,20 -- --batch_size=10
run_bad --param=batch_size=10,20 -- --run_name=mine
run_bad --param=batch_size=10,20 -- --bach_size=10
run_bad --param=batch_size=10,20 -- --help
run_bad --param=batch_size=10,20 -- --spec_augment_time_masks=3
run_bad --param=optimizer=adam,momentum --param=momentum=0.8,0.9
run_bad --param=batch_size=10,20 stray
run_bad --param=batch_size=10,20 --seeds=0
run_bad --param=batch_size=10,20 --seeds=1,1
run_bad --param=batch_size=10,20 --seeds=1,two
run_bad --param=batch_size=10,20 --search=greedy
run_bad --param=batch_size=10,20 --rank_by=luck
run_bad --param=batch_size=10,20 --trials=5
run_bad --param=batch_size=10,20 --search=one_at_a_time --trials=5
run_bad --param=batch_size=10,20 --search=random --reduction=3
run_bad --param=batch_size=10..11 --search=random --trials=3
run_bad --param=batch_size=10,20 --print=pbs
run_bad --param=batch_size=10,20 --report --print=slurm
run_bad --params=nowhere.txt
printf 'batch_size=10,20\n--param time_shift_ms=1,2\n' >params.txt
run_bad --params=params.txt
ls
echo "--- a directory belongs to one sweep"
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --how_many_training_steps=1"
# shellcheck disable=SC2086
wordspot sweep --dir=s --param=learning_rate=0.01,0.001 --print=parallel -- $fixed
# shellcheck disable=SC2086
run_bad --dir=s --param=learning_rate=0.01,0.1 -- $fixed
# shellcheck disable=SC2086
run_bad --dir=s --param=learning_rate=0.01,0.001 --seeds=2 -- $fixed
# shellcheck disable=SC2086
run_bad --dir=s --param=learning_rate=0.01,0.001 -- $fixed --batch_size=7
run_bad --dir=s --param=learning_rate=0.01,0.001
run_bad --dir=s --run_trial=2
# shellcheck disable=SC2086
run_bad --dir=s --report --param=learning_rate=0.01,0.1 -- $fixed
[ ! -e s/results.csv ] || echo "ranked all the same"
what="--param=batch_size=10,20 --param=time_shift_ms=0,50"
# shellcheck disable=SC2086
wordspot sweep --dir=o $what --print=parallel -- $fixed --learning_rate=0.01 >/dev/null
# shellcheck disable=SC2086
run_bad --dir=o --param=time_shift_ms=0,50 --param=batch_size=10,20 -- $fixed --learning_rate=0.01
rm -r o
echo "--- steps are drawn whole"
wordspot sweep --dir=o --search=random --trials=2 --param=how_many_training_steps=1..2 --print=parallel -- \
    --data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --learning_rate=0.01
rm -r o
echo "--- and one that is damaged is named"
echo 'search=greedy' >s/sweep.txt
run_bad --dir=s --report
echo 'nonsense' >s/sweep.txt
run_bad --dir=s --report
echo "--- data that is not there ends the sweep, not each trial"
# shellcheck disable=SC2086
run_bad --dir=s2 --param=learning_rate=0.01,0.001 -- $fixed --data_dir=nowhere --data_url=
ls
