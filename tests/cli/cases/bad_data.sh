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
echo "--- noise that is too short"
mkdir data/_background_noise_
cp data/yes/*f_nohash_0.wav data/_background_noise_/
for file in data/_background_noise_/*; do
    mv "$file" data/_background_noise_/short.wav
done
t
rm -rf data/_background_noise_
mv noise data/_background_noise_
echo "--- outputs that cannot be made"
t --train_dir=file/t
t --summaries_dir=file/l
t --train_dir=/proc/t
ls
