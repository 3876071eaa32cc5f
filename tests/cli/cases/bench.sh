# How fast this machine is: the figures are its own, so only their form is shown.
. "$CASES/lib.sh"
figures() {
    sed -E -e 's/[0-9]+(\.[0-9]+)?/#/g' -e 's/ +/ /g' -e 's/set (generic|v#)/set #/' -e 's/threads/thread/'
}
wordspot bench --steps=2 --batch_size=4 --threads=1 --model_architecture=conv --phases >printed
run figures <printed
# names of phases outlive the network; the features are those of the paper
wordspot bench --steps=1 --batch_size=2 --threads=1 --model_architecture=tc_resnet_8 --phases |
    grep -c 'stage.* of arithmetic'
wordspot bench --steps=1 --batch_size=2 --model_architecture=bc_resnet_1,ds_cnn_s --json >lines
python3 - <<'END'
import json
for line in map(json.loads, open("lines")):
    print(line["model"], line["parameters"], line["multiplications"], sorted(line))
END
wordspot bench --steps=1 --batch_size=2 --model_architecture=tiny_conv,conv --isa=generic \
    --window_stride_ms=20 >printed
run figures <printed
run wordspot bench --model_architecture=tiny_conv,cnov
run wordspot bench --isa=v9
run wordspot bench --window_size_ms=2000
run wordspot bench --steps=0
echo "--- trained models"
make_dataset data yes no
wordspot train --data_dir=data --wanted_words=yes --model_architecture=tiny_conv --preprocess=micro \
    --window_stride_ms=20 --batch_size=10 --how_many_training_steps=2 --learning_rate=0.001 >/dev/null 2>&1
wordspot train --data_dir=data --wanted_words=yes --model_architecture=mixednet --preprocess=micro_device \
    --mixednet_kernels="[5],[7]" --mixednet_filters=8,8 --mixednet_residuals=0,0 --batch_size=10 \
    --how_many_training_steps=2 --learning_rate=0.001 --train_dir=tmp/wake >/dev/null 2>&1
wordspot freeze --start_checkpoint=tmp/speech_commands_train --output_file=clip.pb 2>/dev/null
wordspot freeze --start_checkpoint=tmp/speech_commands_train --save_format=tflite --output_file=clip.tflite 2>/dev/null
wordspot freeze --start_checkpoint=tmp/wake --save_format=tflite --target=esphome --calibration_clips=5 \
    --output_file=wake.tflite 2>/dev/null
for model in clip.pb clip.tflite wake.tflite; do
    wordspot bench --graph=$model --steps=2 --threads=2 >printed
    run figures <printed
    wordspot bench --graph=$model --steps=1 --json | python3 -c 'import json, sys
line = json.loads(sys.stdin.read())
print(line["model"], line["call"], round(line["sound_ms"]), line["features_ms"] > 0 and line["call_ms"] > 0, sorted(line))'
done
run wordspot bench --graph=clip.pb --batch_size=3
run wordspot bench --graph=data
run wordspot bench --help
