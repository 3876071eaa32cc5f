# What cannot be frozen, and where to.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small 2>/dev/null
run_dir=tmp/speech_commands_train
f() {
    run wordspot freeze "$@"
}
echo "--- flags"
f
f --start_checkpoint=$run_dir
f --output_file=model.pb
f --start_checkpoint=$run_dir --output_file=model.pb --save_format=keras
f --start_checkpoint=$run_dir --output_file=model.tflite
f --start_checkpoint=$run_dir --output_file=model.pb --save_format=onnx
f --start_checkpoint=$run_dir --output_file=model.onnx --save_format=c
f --start_checkpoint=$run_dir --output_file=model.pb --dct_coefficient_count=40
f --start_checkpoint=$run_dir --output_file=model.pb --window_size_ms=0
f stray
echo "--- what contradicts the checkpoint"
f --start_checkpoint=$run_dir --output_file=model.pb --model_architecture=conv
f --start_checkpoint=$run_dir --output_file=model.pb --wanted_words=no,yes
f --start_checkpoint=$run_dir --output_file=model.pb --window_stride_ms=20
f --start_checkpoint=$run_dir --output_file=model.pb --sample_rate=8000
f --start_checkpoint=$run_dir --output_file=model.pb --quantize
echo "--- flags that would change nothing"
f --start_checkpoint=$run_dir --save_format=tflite --output_file=model.tflite --inference_input_type=uint8
f --start_checkpoint=$run_dir --save_format=onnx --output_file=model.onnx --inference_output_type=int8
f --start_checkpoint=$run_dir --save_format=tflite --output_file=model.tflite --c_name=mine
echo "--- checkpoints"
f --start_checkpoint=$run_dir/tiny_conv.ckpt-7 --output_file=model.pb
f --start_checkpoint=data --output_file=model.pb
f --start_checkpoint=$run_dir/tiny_conv_labels.txt --output_file=model.pb
cp $run_dir/tiny_conv.ckpt-10.index cut-1.index
head -c 1000 $run_dir/tiny_conv.ckpt-10.data-00000-of-00001 >cut-1.data-00000-of-00001
f --start_checkpoint=cut-1 --output_file=model.pb
echo "--- places"
f --start_checkpoint=$run_dir --output_file=data
f --start_checkpoint=$run_dir --output_file=$run_dir/checkpoint/model.pb
f --start_checkpoint=$run_dir --output_file=/proc/model.pb
mkfifo pipe
f --start_checkpoint=$run_dir --output_file=pipe
echo "--- nothing was written"
ls
