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
run wordspot bench --help
