# What can be wrong with a server or an archive, as one sees it: a line that says so, and nothing
# that looks like a data set.
. "$CASES/lib.sh"
LC_ALL=C # for ls
export LC_ALL
python3 "$SUPPORT/make_archives.py" archives
start_server
t() {
    echo "--- $1"
    # shellcheck disable=SC2086
    wordspot train $small --data_url="$server/$1" 2>log
    code=$?
    mask_server <log
    echo "exit code $code"
    ls -A data
}
t 404/good.tar.gz
t 416/good.tar.gz
t 500/good.tar.gz
t loop/good.tar.gz
t plain/page.tar.gz
t plain/truncated.tar.gz
t plain/wrong_checksum.tar.gz
t plain/no_end_mark.tar.gz
t plain/dotdot.tar.gz
t plain/symlink.tar.gz
t plain/device.tar.gz
t plain/endless.tar.gz
echo "--- no room"
(
    ulimit -f 200
    t plain/good.tar.gz
)
echo "--- room again (what is unpacked are no sounds, so training itself fails)"
t plain/good.tar.gz | grep -vE '^(It has|wordspot)'
tail -1 archives/requests.log | sed 's/=[0-9]*-/=#-/'
echo "--- one that somebody has put there"
rm -r data
mkdir data
cp archives/truncated.tar.gz data
t plain/truncated.tar.gz
