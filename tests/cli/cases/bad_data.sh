# What can be wrong with a data set, one by one.
. "$CASES/lib.sh"
t() {
    # shellcheck disable=SC2086
    run wordspot train $small --data_url= "$@" 2>&1 | grep -vE '^(Step|Saving| \[|Confusion)' | mask
}
echo "--- no such directory"
t --data_dir=nowhere
echo "--- a file instead"
echo text >file
t --data_dir=file
echo "--- an empty directory"
mkdir data
t
echo "--- no clips in its folders"
mkdir data/yes data/no
t
rm -rf data
make_data
echo "--- a wanted word without a folder"
t --wanted_words=yes,left
echo "--- an empty folder of noise"
mv data/_background_noise_ noise
mkdir data/_background_noise_
t
rmdir data/_background_noise_
echo "--- no noise"
t
echo "--- noise that is not sound"
mkdir data/_background_noise_
echo text >data/_background_noise_/page.wav
t
echo "--- another folder of noise"
t --noise_dir=nowhere
t --noise_dir=noise --how_many_training_steps=1,0
rm -rf data/_background_noise_
mv noise data/_background_noise_
echo "--- outputs that cannot be made"
t --train_dir=file/t
t --summaries_dir=file/l
t --train_dir=/proc/t
ls
