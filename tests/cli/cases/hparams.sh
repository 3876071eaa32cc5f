# What the HParams page gets of runs that succeed, fail, are stopped and resumed, or never begin.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
train() {
    # shellcheck disable=SC2086
    wordspot train $small --summaries_dir=logs --train_dir="$1" --run_name="$@"
}

# A run's own folder. The figures are not the same on each processor, but for that of failing; each
# new flag adds to the number of hyperparameters.
shown() {
    python3 "$SUPPORT/read_events.py" "logs/$1" | grep -E '^(_hparams_|eval-run)' |
        sed -E -e 's/-[0-9a-f]{6} [0-9]+$/-###### #/' -e '/unfinished/!s/0x.*/#/'
}

# The same of a run that was stopped somewhere.
shown_anywhere() {
    shown "$1" | sed -E 's/ [0-9]+ / # /' | sort -u
}

group() {
    python3 "$SUPPORT/read_events.py" "logs/$1" |
        sed -n 's/.*session_start_info [0-9]* \([^ ]*\) .*/\1/p'
}

echo "--- well"
train well 2>log
shown well

echo "--- other seeds are one group, another rate and other data are not"
train seed --seed=2 2>log
train rate --learning_rate=0.02,0.001 2>log
train phase --how_many_training_steps=7,3 2>log
train typed --learning_rate=1e-2,0.0010 2>log
cp -r data more
rm more/yes/*0_nohash_0.wav
train data --data_dir=more 2>log
for run in seed rate phase typed data; do
    [ "$(group well)" = "$(group $run)" ] && echo "$run: same" || echo "$run: another"
done

echo "--- failed"
train failed --learning_rate=1e30,1 2>log
shown failed

echo "--- stopped"
: >log
# shellcheck disable=SC2086
env --default-signal=INT wordspot train $small --summaries_dir=logs --train_dir=stopped \
    --run_name=stopped --how_many_training_steps=1000000,0 2>log &
process=$!
until grep -q "^Step #7:" log; do
    kill -0 $process || { cat log; exit 1; }
    sleep 0.05
done
kill -s INT $process
wait $process
process=
shown_anywhere stopped

echo "--- and gone on with"
step=$(ls stopped | sed -n 's/^tiny_conv.ckpt-\([0-9]*\).index/\1/p' | sort -n | tail -1)
wordspot train --start_checkpoint=stopped --how_many_training_steps=$((step + 5)),0 2>log
shown_anywhere stopped
echo "files of the page alone: $(ls logs/stopped | grep -c hparams)"

echo "--- never began"
train usage --batch_size=0 2>log
train nodata --data_dir=none --data_url= 2>log
ls logs

echo "--- not wanted"
train none --log=scalars 2>log
ls logs/none | sed 's/tfevents.*/tfevents.#/'
