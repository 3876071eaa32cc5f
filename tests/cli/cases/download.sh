# The data set by itself: downloaded, checked, unpacked, and never again.
. "$CASES/lib.sh"
make_dataset made yes no other
python3 "$SUPPORT/make_archives.py" archives made
start_server
t() {
    # shellcheck disable=SC2086
    run wordspot train $small "$@" 2>&1 | grep -vE '^(Step|Saving| \[|Confusion)' | mask |
        mask_server
}
echo "--- nothing there, nothing wanted"
t --data_url=
ls -A
echo "--- the first time"
t --data_url="$server/cut/good.tar.gz"
ls -A data
run diff -r made data
echo "--- the second time nobody is asked"
t --data_url="$server/cut/good.tar.gz"
sed 's/=[0-9]*-/=#-/' archives/requests.log
echo "--- nor if the folders are somebody's own"
t --data_dir=made --data_url="$server/404/good.tar.gz"
echo "--- a run that goes on needs its data set no less"
rm -r data
run wordspot train --start_checkpoint=tmp/speech_commands_train/tiny_conv-1 \
    --how_many_training_steps=9,2 2>&1 | grep -E '^(No data|Success|Unpack|Train)' | mask_server
echo "--- an archive that lies there already"
rm -r data/yes data/no data/other data/_background_noise_
t --data_url="$server/404/good.tar.gz"
echo "--- a file of this machine"
rm -r data
t --data_url="file://$PWD/archives/good.tar.gz" | sed "s|$PWD|PWD|"
echo "--- by default it is the original's archive"
wordspot train --data_dir=none 2>&1 | mask_server
