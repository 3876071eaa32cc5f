# What a terminal shows of a download.
. "$CASES/lib.sh"
need_terminal
make_dataset made yes no other
python3 "$SUPPORT/make_archives.py" archives made
start_server
script -qec "wordspot train $small --data_url=$server/slow/good.tar.gz" screen >/dev/null
tr '\r' '\n' <screen >lines
grep -qE '^downloading \[=* *\] [0-9.]+ MB of [0-9.]+ MB  [0-9.]+ [kM]B/s  [0-9]+ s left' lines &&
    echo "a bar, the size, the speed and the time left"
grep '^Final' lines | mask
