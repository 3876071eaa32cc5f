# The same trials as a job array of a real Slurm, of one node, started here and ended again.
. "$CASES/lib.sh"
for program in slurmctld slurmd munged sbatch; do
    [ -x "$(command -v $program || ls /usr/sbin/$program 2>/dev/null)" ] || {
        echo "skipped: no $program here (Debian's packages slurm-wlm and munge)"
        exit 77
    }
done
[ "$(id -u)" = 0 ] || {
    echo "skipped: Slurm's daemons want root"
    exit 77
}
. "$SUPPORT/slurm.sh"
start_slurm || {
    tail -n 3 ./*.log
    echo "skipped: Slurm does not start here"
    exit 77
}
make_data
what=$eight_trials
for search in grid halving; do
    echo "--- $search"
    [ $search = grid ] || what="$what --search=halving --reduction=2"
    # shellcheck disable=SC2086
    wordspot sweep --dir=here-$search $what -- $fixed >ranking 2>/dev/null
    # shellcheck disable=SC2086
    wordspot sweep --dir=slurm-$search $what --print=slurm -- $fixed >script
    cat script
    sh script | sed 's/[0-9][0-9]*/#/g'
    wait_for_slurm || exit 1
    wordspot sweep --dir=slurm-$search --report >slurm.ranking
    sed 's/slurm-//' slurm.ranking | cmp - ranking && echo "the same ranking"
    columns here-$search/results.csv >here.columns
    columns slurm-$search/results.csv | cmp - here.columns && echo "the same results"
    cat slurm-$search/slurm-*.txt | grep -c ': done$'
done
echo "--- a job that is cancelled saves, and goes on when it is submitted again"
# shellcheck disable=SC2086
wordspot sweep --dir=c --seeds=2 --print=slurm -- $fixed --how_many_training_steps=100000 \
    --learning_rate=0.01 --save_step_interval=100000 --eval_step_interval=100000 >script
sh script >/dev/null
for trial in 0000 0001; do
    n=0
    until grep -q '^Step #3:' c/trials/$trial/log.txt 2>/dev/null; do
        sleep 0.1
        n=$((n + 1))
        [ $n -lt 300 ] || { cat c/*.txt c/trials/*/log.txt; squeue; exit 1; }
    done
done
scancel --signal=TERM --full --name=wordspot
wait_for_slurm || exit 1
grep -h '^job' c/slurm-*.txt | sort
find c/trials -name '*.index' | grep -c .
