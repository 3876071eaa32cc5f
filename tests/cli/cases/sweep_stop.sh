# Ctrl-C and SIGTERM: the trials save, and the sweep says how to resume.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=10"
fixed="$fixed --how_many_training_steps=100000 --learning_rate=0.001"
fixed="$fixed --save_step_interval=1000000 --eval_step_interval=1000000"
for signal in INT TERM; do
    echo "--- $signal"
    # A shell starts its background jobs deaf to Ctrl-C; env undoes that.
    # shellcheck disable=SC2086
    env --default-signal=INT wordspot sweep --dir=s --seeds=3 --jobs=2 -- $fixed 2>events >ranking &
    process=$!
    for trial in 0000 0001; do
        until grep -q '^Step #3:' s/trials/$trial/log.txt 2>/dev/null; do
            kill -0 $process || exit 1
            sleep 0.05
        done
    done
    kill -s $signal $process
    wait $process
    echo "exit code $?"
    sort events | sed -E 's/step [0-9]+/step #/'
    cat ranking
    for trial in 0000 0001; do
        python3 -c "import json, sys; r = json.load(open(sys.argv[1])); print(r['status'], r['exit_code'], r['step'] > 0)" \
            s/trials/$trial/result.json
        ls s/trials/$trial/checkpoints | sed 's/-[0-9]*\./-#./'
    done
    rm -rf s
done
echo "--- one trial is stopped by somebody else: it goes on the next time"
# shellcheck disable=SC2086
wordspot sweep --dir=s --seeds=2 -- $(echo "$fixed" | sed 's/=100000 /=200 /') 2>events >ranking &
process=$!
until grep -q '^Step #3:' s/trials/0000/log.txt 2>/dev/null; do
    sleep 0.05
done
kill $(ps -o pid=,ppid= -A | awk -v parent=$process '$2 == parent { print $1 }')
wait $process
echo "exit code $?"
process=
sed -E -e 's/step [0-9]+ /step # /' -e 's/and [0-9][0-9a-z ]*,.*\(/... (/' events
wordspot sweep --dir=s 2>&1 >ranking | sed -E 's/and [0-9][0-9a-z ]*,.*\(/... (/'
