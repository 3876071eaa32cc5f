# `wordspot report` of speeds: the lines of `wordspot bench --json` and of the scripts in tests/bench
# as a page, a text, JSON and the tables of a README; and lines that are wrong.
. "$CASES/lib.sh"
bench=$CASES/../bench
readme=$CASES/../../src/measure/README.md
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
program=$(command -v wordspot)

echo "--- hand-made"
{
    echo '{"machine": "a machine", "date": "2026-01-02 03:04", "version": "1.2"}'
    WS_SPEED_LINES=lines python3 - "$bench" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import speed_lines
for model, own, peer in (("one", 10, 200), ("two", 4, 1240.4)):
    speed_lines.push("whole step", model, "ms", own, peer, ("A <peer>", "3.1", ""),
                     [peer / own * share for share in (0.9, 1, 1.2)])
speed_lines.push("a clip", "one", "us", 5.26, 4.2, ("Another", "7", "tuned"), [0.8])
END
    cat lines
} >made.jsonl
run wordspot report made.jsonl --text
run wordspot report made.jsonl --output=made.html
grep -o '<h2>[^<]*' made.html
grep -o 'takes <b>[^<]*' made.html
grep -c '<rect' made.html
run wordspot report made.jsonl --json | tr '{' '\n' | sed -n 's/,"version":.*"unit"/ "unit"/p'

echo "--- tables"
printf 'before\n<!-- speeds: made by tests/bench/speed_table.py -->\nold\n<!-- end of speeds -->\nafter\n' >README.md
python3 "$bench/speed_table.py" "${program%/*}" made.jsonl README.md
run cat README.md
cp README.md again.md
python3 "$bench/speed_table.py" "${program%/*}" made.jsonl again.md
cmp README.md again.md && echo "twice is the same"
echo none >none.md
python3 "$bench/speed_table.py" "${program%/*}" made.jsonl none.md
cat none.md
# the tables in the source tree are those of its file
cp "$readme" measure.md
python3 "$bench/speed_table.py" "${program%/*}" "$bench/speed.jsonl" measure.md
cmp measure.md "$readme" && echo "as in the source tree"

echo "--- of bench"
for step in 1 2; do
    wordspot bench --steps=1 --batch_size=2 --threads=1 --model_architecture=single_fc,tiny_conv --json
done >bench.jsonl
wordspot report bench.jsonl made.jsonl --output=bench.html 2>&1 | sed 's/[0-9][0-9]*/#/'
grep -o '<h2>[^<]*' bench.html
grep -c 'a machine' bench.html

echo "--- wrong"
echo '{"what": "whole step", "model": "one"' >>made.jsonl
run wordspot report made.jsonl --output=x.html
python3 "$bench/speed_table.py" "${program%/*}" made.jsonl README.md
run cmp README.md again.md
run wordspot report none.jsonl
run wordspot report bench.jsonl logs --output=x.html
run wordspot report bench.jsonl --output=bench.html
: >empty.jsonl
run wordspot report empty.jsonl --text
ls ./*.html
