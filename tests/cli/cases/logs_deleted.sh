# The folder of a run is deleted while it trains: one warning, and new event files.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
env --default-signal=INT wordspot train $small --how_many_training_steps=1000000,0 \
    --summaries_dir=logs --run_name=run 2>log &
process=$!
wait_for() {
    until "$@" 2>/dev/null; do
        kill -0 $process || { cat log; exit 1; }
        sleep 0.05
    done
}
wait_for grep -q "^Step #7:" log
rm -rf logs/run
wait_for grep -q "^warning: .*deleted" log
ls -d logs/run
kill -s INT $process
wait $process
echo "exit code $?"
# the new file has the old name unless the run's other writer was first
grep "^warning" log | sed -E 's#logs/run/[^:; ]*#FILE#g; s#(its|later) events are [^;]*#ITS EVENTS#'
wordspot events check logs/run >check || cat check
