# From a checkpoint to one model file.
. "$CASES/lib.sh"
run wordspot freeze --help
make_data
# shellcheck disable=SC2086
wordspot train $small --window_stride_ms=20 2>/dev/null
run_dir=tmp/speech_commands_train
echo "--- all settings come from the checkpoint"
run wordspot freeze --start_checkpoint=$run_dir --output_file=out/deep/model.pb
run wordspot freeze --start_checkpoint=$run_dir/tiny_conv.ckpt-10 --output_file=model.pb
run cmp model.pb out/deep/model.pb
python3 "$SUPPORT/read_graph.py" model.pb
ls out/deep
echo "--- flags that say the same are fine, a file is replaced"
echo old >model.pb
run wordspot freeze --start_checkpoint=$run_dir --wanted_words=yes,no --window_stride=20.0 \
    --model_architecture=tiny_conv --clip_stride_ms=100 --output_file=model.pb
run cmp model.pb out/deep/model.pb
echo "--- a directory"
run wordspot freeze --start_checkpoint=$run_dir --save_format=saved_model --output_file=saved/1/
run ls -A saved saved/1
python3 "$SUPPORT/read_graph.py" saved/1/saved_model.pb >nodes
python3 "$SUPPORT/read_graph.py" model.pb | diff - nodes && echo "the same nodes"
echo "--- but no directory that is in use"
run wordspot freeze --start_checkpoint=$run_dir --save_format=saved_model --output_file=saved/1
run wordspot freeze --start_checkpoint=$run_dir --save_format=saved_model --output_file=model.pb
run wordspot freeze --start_checkpoint=$run_dir --output_file=saved/1
run ls -A saved saved/1
