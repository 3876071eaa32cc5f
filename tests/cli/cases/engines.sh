# Every way to compute a run gives the same curve: the reference engine and the fast one, on each
# instruction set; and bit for bit with any number of threads, and when it is done in two parts.
. "$CASES/lib.sh"
make_data

# train RUN FLAG...: leaves the run's figures in RUN
train() {
    name=$1
    shift
    wordspot train --data_dir=data --wanted_words=yes,no --batch_size=4 --eval_step_interval=3 \
        --save_step_interval=3 --learning_rate=0.01,0.001 --train_dir="dir-$name" \
        --summaries_dir="logs-$name" --log=scalars "$@" 2>log || cat log
    python3 "$SUPPORT/read_events.py" "logs-$name"/*/train | grep -v clips_per_second >"$name"
}

for model in conv tiny_conv single_fc; do
    options="--model_architecture=$model --how_many_training_steps=4,2"
    # shellcheck disable=SC2086
    train $model-reference $options --engine=reference
    for isa in generic v2 v3 v4; do
        # one that this processor lacks is refused
        wordspot train --isa=$isa --data_dir=none --data_url= 2>&1 | grep -q 'isa=' && continue
        # shellcheck disable=SC2086
        train $model-$isa $options --isa=$isa
        python3 "$SUPPORT/compare_curves.py" $model-reference $model-$isa 1e-4 >compared || echo "on $isa"
    done
    sed 's/-[a-z0-9]*:/, each instruction set:/' compared
    for threads in 1 2 3; do
        # shellcheck disable=SC2086
        train $model-threads-$threads $options --threads=$threads
    done
    run cmp $model-threads-1 $model-threads-2
    run cmp $model-threads-1 $model-threads-3
    train $model-parts --model_architecture=$model --how_many_training_steps=3,0 --threads=2
    train $model-parts --start_checkpoint=dir-$model-parts --summaries_dir=logs-$model-parts \
        --how_many_training_steps=4,2 --threads=3
    run cmp $model-threads-1 $model-parts
done

# Another number of frames, in small steps: what diverges magnifies every rounding. (Digital silence,
# with its features of zero, has a test of its own: kernels/test_silence.c.)
options="--model_architecture=conv --how_many_training_steps=4,2 --window_stride_ms=7"
for engine in reference fast; do
    # shellcheck disable=SC2086
    train stride-$engine $options --learning_rate=0.0001,0.0001 --engine=$engine
done
python3 "$SUPPORT/compare_curves.py" stride-reference stride-fast 1e-4
