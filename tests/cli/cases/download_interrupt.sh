# Ctrl-C and kill -9 during a download: the same command resumes it.
. "$CASES/lib.sh"
make_dataset made yes no other
python3 "$SUPPORT/make_archives.py" archives made
start_server
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
# A shell starts its background jobs deaf to Ctrl-C; env undoes that.
start() {
    # shellcheck disable=SC2086
    env --default-signal=INT wordspot train $small --data_url="$server/slow/good.tar.gz" 2>log &
    process=$!
    until [ -s data/good.tar.gz.part ] &&
        [ "$(stat -c %s data/good.tar.gz.part)" -gt "$1" ]; do
        kill -0 $process || { cat log; exit 1; }
        sleep 0.02
    done
}
echo "--- Ctrl-C"
start 100000
kill -s INT $process
wait $process
echo "exit code $?"
mask_server <log
ls -A data
echo "--- kill -9"
start 500000
kill -s KILL $process
wait $process 2>/dev/null
mask_server <log
ls -A data
echo "--- to the end"
# shellcheck disable=SC2086
wordspot train $small --data_url="$server/slow/good.tar.gz" >log 2>&1
grep -E '^(Resuming|Final)' log | mask | mask_server
run diff -r made data
sed 's/=[0-9]*-/=#-/' archives/requests.log
