# The same trials by GNU parallel, and by two processes at once: each once, with the same results.
. "$CASES/lib.sh"
command -v parallel >/dev/null && parallel --version 2>/dev/null | grep -q '^GNU parallel' || {
    echo "skipped: no GNU parallel here"
    exit 77
}
make_data
what=$eight_trials
dir="a dir's name"
# shellcheck disable=SC2086
wordspot sweep --dir=s $what -- $fixed >ranking 2>/dev/null
# shellcheck disable=SC2086
run wordspot sweep "--dir=$dir" $what --jobs=2 --print=parallel -- $fixed >script.sh
grep -v '^\$ ' script.sh >script
cat script
HOME=$PWD sh script >parallel.ranking 2>events
echo "exit code $?"
grep -c ': done$' events
columns s/results.csv >s.columns
columns "$dir/results.csv" | cmp - s.columns && echo "the same results"
echo "--- successive halving, rung after rung"
# shellcheck disable=SC2086
wordspot sweep --dir=h $what --search=halving --reduction=2 --jobs=2 -- $fixed >/dev/null 2>&1
# shellcheck disable=SC2086
wordspot sweep --dir=p $what --search=halving --reduction=2 --jobs=2 --print=parallel -- $fixed >script
cat script
HOME=$PWD sh script >parallel.ranking 2>events
columns h/results.csv >h.columns
columns p/results.csv | cmp - h.columns && echo "the same results"
echo "--- two processes share a sweep"
# shellcheck disable=SC2086
wordspot sweep --dir=two $what -- $fixed >first 2>first.events &
# shellcheck disable=SC2086
wordspot sweep --dir=two $what -- $fixed >second 2>second.events
wait
columns two/results.csv | cmp - s.columns && echo "the same results"
cmp first second && echo "both know all"
cat first.events second.events | grep -c ' begins'
