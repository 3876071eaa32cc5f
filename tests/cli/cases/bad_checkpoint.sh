# Checkpoints that cannot be the start.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small 2>/dev/null
cd tmp/speech_commands_train || exit 1
flip() {
    python3 - "$1" "$2" <<'PY'
import sys
path, at = sys.argv[1], int(sys.argv[2])
data = bytearray(open(path, "rb").read())
data[at] ^= 1
open(path, "wb").write(data)
PY
}
copy() {
    for file in tiny_conv.ckpt-10.*; do
        cp "$file" "$1.${file#tiny_conv.ckpt-10.}"
    done
}
copy flipped_data-1
flip flipped_data-1.data-00000-of-00001 1000
copy flipped_index-1
flip flipped_index-1.index 30
copy cut_data-1
head -c 1000 tiny_conv.ckpt-10.data-00000-of-00001 >cut_data-1.data-00000-of-00001
copy cut_index-1
head -c 100 tiny_conv.ckpt-10.index >cut_index-1.index
copy no_data-1
rm no_data-1.data-00000-of-00001
cd ../.. || exit 1
t() {
    run wordspot train --start_checkpoint="tmp/speech_commands_train/$1" --run_name=x 2>&1 | tail -2
}
t flipped_data-1
t flipped_index-1
t cut_data-1
t cut_index-1
t no_data-1
t tiny_conv.ckpt-11
t tiny_conv_labels.txt
run wordspot train --start_checkpoint=data --run_name=x 2>&1 | tail -2
echo "--- another architecture"
run wordspot train --start_checkpoint=tmp/speech_commands_train --model_architecture=single_fc
echo "--- the whole ones still do"
run wordspot train --start_checkpoint=tmp/speech_commands_train 2>&1 | grep -c 'Final test'
