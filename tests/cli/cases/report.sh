# `wordspot report`: a run as a page, a text and JSON; several runs; what cannot be reported.
. "$CASES/lib.sh"
make_data
train() {
    # shellcheck disable=SC2086
    wordspot train $small --summaries_dir=logs --train_dir="$1" --run_name="$@" 2>/dev/null
}
# The figures differ from one processor to the next.
masked() {
    sed -E -e 's/[0-9.]+ %( \+- [0-9.]+)?/# %/g' -e 's/ +# %/ # %/g' -e 's/ +[0-9]+ / # /g' \
        -e 's/#+$/=/' -e 's/^[-_.:=+*# ]+$/(levels)/'
}

echo "--- a run"
train one
run wordspot report logs --output=one.html
grep -c '<html' one.html
grep -o 'id="[a-z0-9-]*"' one.html | sort -u | head -8
grep -c -E '<script|<link|<iframe|https?://[^<]*"' one.html
run wordspot report logs --text | masked | head -12
run wordspot report logs --json=one.json
python3 -c '
import json
report = json.load(open("one.json"))
run = report["groups"][0]["runs"][0]
print(run["run"], run["end"], run["steps"], run["settings"]["batch_size"])
print(run["confusion"]["labels"], sum(map(sum, run["confusion"]["counts"])))
print(sorted({(curve["part"], curve["tag"]) for curve in run["curves"]})[:3])'
wordspot report logs --json | cmp - one.json && echo "the same on standard output"
ls report.html 2>&1

echo "--- seeds and another rate"
train two --seed=2
train three --learning_rate=0.02,0.001
run wordspot report logs --output=three.html
grep -o '2 seeds' three.html
grep -o '<th scope="col">learning_rate</th>' three.html
grep -o 'class="band c[01]"' three.html | sort -u | tr '01' '#'
run wordspot report logs/one logs/three --text | grep -c learning_rate=

echo "--- no good input, no good output"
run wordspot report none --output=x.html
mkdir empty
run wordspot report empty --output=x.html
run wordspot report data --output=x.html
run wordspot report logs --output=one.html
run wordspot report logs --output=one.html --overwrite
run wordspot report logs --output=none/x.html
run wordspot report logs --output=empty
run wordspot report logs --output=/dev/full --overwrite
# no room for the page: the one that was there stays
cksum one.html >before
(
    ulimit -f 40
    run wordspot report logs --output=one.html --overwrite
    run wordspot report logs --output=x.html
)
cksum one.html | cmp - before
rm before
cp -r logs torn
for file in torn/one/*tfevents* torn/one/*/*tfevents*; do
    truncate -s -7 "$file"
done
run wordspot report torn/one --text 2>&1 | sed 's/events.out.tfevents[^ :]*/events.#/' | masked | head -9
run wordspot report --text=maybe
run wordspot report --help
ls
