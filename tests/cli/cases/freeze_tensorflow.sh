# A checkpoint that TensorFlow's train.py wrote: it says nothing of itself, the flags have to.
. "$CASES/lib.sh"
golden=$CASES/../../../shared/golden/tensorflow/models/tiny_conv_trained
[ -d "$golden" ] || {
    echo "skipped: needs TensorFlow's checkpoint"
    exit 77
}
ln -s "$golden" golden
words=yes,no,up,down,left,right,stop,go
run wordspot freeze --start_checkpoint=golden --model_architecture=tiny_conv \
    --wanted_words=$words --output_file=model.pb
python3 "$SUPPORT/read_graph.py" model.pb
echo "--- flags of another model"
run wordspot freeze --start_checkpoint=golden --output_file=x.pb
run wordspot freeze --start_checkpoint=golden --model_architecture=tiny_conv --output_file=x.pb
run wordspot freeze --start_checkpoint=golden --model_architecture=tiny_conv --output_file=x.pb \
    --wanted_words=$words --window_stride_ms=20
run wordspot freeze --start_checkpoint=golden --model_architecture=tiny_conv --output_file=x.pb \
    --wanted_words=$words --quantize
ls
