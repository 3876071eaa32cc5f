# kill -9 at any moment: what is resumed has one whole curve, each step once.
. "$CASES/lib.sh"
process=
trap '[ -z "$process" ] || kill -9 "$process" 2>/dev/null' EXIT
make_data
for round in 1 2 3; do
    : >log
    # shellcheck disable=SC2086
    wordspot train $small --how_many_training_steps=100000,0 --eval_step_interval=1000000 \
        --save_step_interval=10 --train_dir=t$round --summaries_dir=l$round 2>log &
    process=$!
    until grep -q "^Step #$((10 + 3 * round)):" log; do
        kill -0 $process || exit 1
        sleep 0.01
    done
    kill -9 $process
    wait $process 2>/dev/null
    wordspot train --start_checkpoint=t$round --how_many_training_steps=200,0 --save_step_interval=100 2>log
    python3 "$SUPPORT/read_events.py" l$round/tiny_conv-1/train | grep eval/accuracy |
        cut -d' ' -f2 >steps
    seq 1 200 | cmp - steps && echo "each step once"
    find t$round -name '*.tmp-*'
done
