# Files for small devices: TFLite in floats and in 8 bits, the same labels by all, C source, targets.
. "$CASES/lib.sh"
make_data
# scores differ in the last digits from one processor to the next
digits() {
    sed -E -e 's/(= 0\.)[0-9]+/\1#/' -e 's/at [0-9.]+ s/at # s/'
}
wordspot train --data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv \
    --preprocess=micro --window_stride_ms=20 --batch_size=20 --how_many_training_steps=30,10 \
    --learning_rate=0.001,0.0001 --eval_step_interval=20 --save_step_interval=40 \
    --background_volume=0 >/dev/null 2>&1
model=--start_checkpoint=tmp/speech_commands_train
clip=data/yes/10000000_nohash_0.wav
echo "--- float"
run wordspot freeze $model --save_format=tflite --output_file=float.tflite
echo "--- 8 bits: ranges from clips"
run wordspot freeze $model --save_format=tflite --inference_type=int8 --calibration_clips=20 \
    --output_file=int8.tflite
run wordspot freeze $model --save_format=tflite --inference_type=int8 --calibration_clips=20 \
    --output_file=again.tflite
run cmp int8.tflite again.tflite
run wordspot freeze $model --save_format=tflite --inference_type=int8 --calibration=min_max \
    --inference_input_type=float32 --inference_output_type=uint8 --output_file=ends.tflite
echo "--- the labels are in the file"
for file in float int8 ends; do
    run wordspot label_wav --graph=$file.tflite --wav=$clip --how_many_labels=1 | digits
done
run wordspot test --graph=int8.tflite --data_dir=data --set=testing --how_many_mistakes=0 | tail -1
echo "--- the same in ONNX"
run wordspot freeze $model --save_format=onnx --output_file=float.onnx
run wordspot freeze $model --save_format=onnx --inference_type=int8 --calibration_clips=20 --output_file=int8.onnx
test $((2 * $(wc -c <int8.onnx))) -lt "$(wc -c <float.onnx)" && echo "less than half"
echo "--- features in the file, where LiteRT has operators for them"
for kind in mfcc average; do
    wordspot train --data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv \
        --preprocess=$kind --batch_size=10 --how_many_training_steps=2 --learning_rate=1e-6 \
        --train_dir=tmp/$kind --background_volume=0 >/dev/null 2>&1
    freeze="--start_checkpoint=tmp/$kind --save_format=tflite --calibration_clips=20"
    for type in float32 int8; do
        run wordspot freeze $freeze --features_in_graph --inference_type=$type --output_file=sound.tflite
        wordspot freeze $freeze --inference_type=$type --output_file=features.tflite 2>/dev/null
        wordspot label_wav_dir --graph=sound.tflite --wav_dir=data/yes --json >of_sound
        wordspot label_wav_dir --graph=features.tflite --wav_dir=data/yes --json >of_features
        run cmp of_sound of_features
    done
done
run wordspot freeze $model --save_format=tflite --features_in_graph --output_file=no.tflite
for format in c onnx saved_model; do
    run wordspot freeze $model --save_format=$format --features_in_graph --output_file=no
done
run wordspot freeze $model --save_format=tflite --features_in_graph --target=micro_speech --output_file=no.tflite
echo "--- a target says all of it"
run wordspot freeze $model --save_format=tflite --target=micro_speech --output_file=micro.tflite
test "$(wc -c <micro.tflite)" -le 19000 && echo "small enough"
run wordspot label_wav --graph=micro.tflite --wav=$clip --how_many_labels=1 | digits
run wordspot freeze $model --save_format=c --target=micro_speech --output_file=model.c
${CC:-cc} -std=c11 -Wall -Wextra -Werror -c model.c -o model.o && echo "compiles"
echo "--- sums rounded as on a microcontroller"
# sums of two tensors come out different in most clips
wordspot train --data_dir=data --wanted_words=yes,no --model_architecture=tc_resnet_8 \
    --batch_size=10 --how_many_training_steps=5 --learning_rate=0.001 --train_dir=tmp/sums \
    --background_volume=0 >/dev/null 2>&1
wordspot freeze --start_checkpoint=tmp/sums --save_format=tflite --inference_type=int8 \
    --calibration_clips=20 --output_file=sums.tflite 2>/dev/null
all_scores() {
    wordspot label_wav_dir --graph=sums.tflite --wav_dir=data/yes --json "$@"
}
all_scores >default
all_scores --rounding=exact | cmp - default && echo "exact is the default"
all_scores --rounding=tflm >tflm
wc -l <tflm
cmp -s tflm default || echo "tflm differs"
run wordspot test --graph=int8.tflite --rounding=tflm --data_dir=data --how_many_mistakes=0 | tail -1
run wordspot label_wav --graph=int8.tflite --rounding=up --wav=$clip
run wordspot label_wav $model --rounding=tflm --wav=$clip
wordspot freeze $model --output_file=frozen.pb 2>/dev/null
run wordspot label_wav --graph=frozen.pb --labels=tmp/speech_commands_train/tiny_conv_labels.txt --rounding=exact \
    --wav=$clip
echo "--- a wake word with its manifest"
train_wake_word() {
    wordspot train --data_dir=data --wanted_words=yes --model_architecture=mixednet \
        --window_stride_ms=10 --mixednet_kernels="[5],[7]" --mixednet_filters=8,8 \
        --mixednet_residuals=0,0 --batch_size=10 --how_many_training_steps=2 \
        --learning_rate=0.001 --background_volume=0 "$@" >/dev/null 2>&1
}
train_wake_word --train_dir=tmp/wake --preprocess=micro_device
train_wake_word --train_dir=tmp/mfcc --preprocess=mfcc
wake="--start_checkpoint=tmp/wake --target=esphome --save_format=tflite --calibration_clips=20"
run wordspot freeze $wake --output_file=yes.tflite
grep -v arena_size yes.json
run wordspot freeze $wake --output_file=hey.tflite --wake_word="Hey you" --author="A. Body" \
    --website=https://example.org --languages=en,de
tr -d '\n ' <hey.json | sed 's/"micro":.*//'
echo
mkdir no.json
run wordspot freeze $wake --output_file=no.tflite
rmdir no.json
run wordspot label_wav --graph=yes.tflite --wav=$clip | digits
wordspot label_wav --graph=yes.tflite --json --wav=$clip | sed 's/[0-9.]*[0-9]\([,}]\)/#\1/g'
run wordspot test --graph=yes.tflite --data_dir=data
run wordspot freeze --start_checkpoint=tmp/mfcc --target=esphome --save_format=tflite \
    --output_file=no.tflite
run wordspot freeze $model --save_format=tflite --wake_word=yes --output_file=no.tflite
echo "--- a wake word and its manifest are heard with, but do not judge clips"
run wordspot label_wav --graph=hey.tflite --wav=$clip | digits
for file in data/yes/*.wav; do
    tail -c +45 "$file"
done | head -c 96000 >many.raw
for file in hey int8; do
    wordspot listen --graph=$file.tflite --detection_threshold=0 --suppression_ms=5000 - <many.raw |
        sed -E 's/[0-9.]+/#/g' | head -n 1
done
wordspot listen --graph=hey.tflite --clip_stride_ms=20 - <many.raw
echo "--- features as a device makes them, in each format"
run wordspot freeze --start_checkpoint=tmp/wake --save_format=tflite --output_file=wake.tflite
run wordspot freeze --start_checkpoint=tmp/wake --output_file=wake.pb
run wordspot label_wav --start_checkpoint=tmp/wake --wav=$clip --how_many_labels=1 | digits
for graph in --graph=wake.tflite "--graph=wake.pb --labels=tmp/wake/mixednet_labels.txt"; do
    run wordspot label_wav $graph --wav=$clip --how_many_labels=1 | digits
done
echo "--- what does not fit is refused, and nothing is written"
run wordspot freeze $model --save_format=tflite --target=mlperf_tiny --output_file=no.tflite
run wordspot freeze $model --save_format=tflite --target=esphome --output_file=no.tflite
run wordspot freeze $model --save_format=tflite --target=toaster --output_file=no.tflite
run wordspot freeze $model --target=micro_speech --output_file=no.pb
run wordspot freeze $model --target=micro_speech --save_format=onnx --output_file=no.onnx
run wordspot freeze $model --inference_type=int8 --output_file=no.pb
run wordspot freeze $model --save_format=tflite --inference_type=int4 --output_file=no.tflite
run wordspot freeze $model --save_format=tflite --inference_type=int8 --calibration_clips=0 \
    --output_file=no.tflite
run wordspot freeze $model --save_format=tflite --inference_type=int8 --data_dir=nowhere \
    --output_file=no.tflite
head -c 5000 int8.tflite >half.tflite
run wordspot label_wav --graph=half.tflite --wav=$clip
ls no.* 2>/dev/null || echo "nothing"
