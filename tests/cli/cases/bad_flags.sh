# Wrong flags are refused before any data is read: there is no data here.
. "$CASES/lib.sh"
t() {
    run wordspot train "$@"
}
t --lerning_rate=0.1
t --dct_coefficient_count=40
t --window=20
t --batch_size=ten
t --batch_size=0
t --strict=maybe
t --seed=-1
t stray
t -- --model_architecture=conv
t --how_many_training_steps=10,20 --learning_rate=0.1
t --how_many_training_steps=10,x --learning_rate=0.1,0.1
t --learning_rate=0.1,-0.1
t --model_architecture=convv
t --optimizer=adagrad
t --preprocess=micro --sample_rate=8000
t --preprocess=micro --window_stride_ms=10.5
t --preprocess=average --feature_bin_count=300
t --sample_rate=4000
t --preprocess=fft
t --engine=slow
t --isa=sse9
t --verbosity=loud
t --quantize=maybe
t --check_nans=
t --data_url=localhost/data.tar.gz
t --data_url=http://me:secret@localhost/data.tar.gz
t --data_url=http://localhost/
t --feature_bin_count=41
t --window_size_ms=2000
t --wanted_words=yes,,no
t --wanted_words=yes,yes
t --validation_percentage=60 --testing_percentage=60
t --run_name=a/b
t '--run_name=a"b'
t '--run_name=50%'
t '--run_name=a#b'
t --noise_snr=0..20 --background_volume=0.3
t --momentum=0.5
t --optimizer=momentum --adam_beta1=0.8
t --spec_augment_time_masks=3
t --mixednet_stride=2
t --preset=mlperf_tiny --momentum=0.5
t --help=presset
t --data_dir=
t --train_dir=
t --summaries_dir=
t --start_checkpoint=nowhere/conv.ckpt-100
run ls -A
run wordspot synth --phrase="hey you" --words=yes
run wordspot synth --near_misses=3
run wordspot synth --phrase=r2d2
run wordspot synth --phrase=hey --tts_command=piper
