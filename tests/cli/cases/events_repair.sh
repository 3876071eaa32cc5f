# `wordspot events check` and `repair`.
. "$CASES/lib.sh"
python3 "$SUPPORT/make_runs.py" logs
name=events.out.tfevents.1700000000.host
run wordspot events check logs
run wordspot events check logs --warnings=no

echo "--- a torn tail, and records appended behind one"
train=logs/first/train/$name
tail -c 112 $train >last_two
head -c -20 $train >torn
cp torn $train
run wordspot events check $train
cat last_two >>$train
run wordspot events check logs
run wordspot events check logs --tsv | cut -f 1-5
cp -r logs damaged
run wordspot events repair logs --output=repaired
diff -r damaged logs && echo "what was read is as it was"
run wordspot events list repaired/first
run wordspot events repair logs --output=repaired

echo "--- in place"
run wordspot events repair logs --in_place
find logs -name '*damaged*' | sort
cmp logs/first/train/events.out.damaged.1700000000.host damaged/first/train/$name && echo kept
run wordspot events repair logs --in_place

echo "--- two writers in one directory at the same time"
PYTHONPATH="$SUPPORT" python3 -B -c '
import pathlib
from make_runs import curve, version, write
for i, name in enumerate(("train", "eval")):
    write(pathlib.Path(f"both/events.out.tfevents.170000000{i}.host.{name}"), version(1e9 + i),
          curve(1e9 + i, range(1, 21, i + 1), "m/loss", lambda step: step + i / 2))'
cp -r both kept
run wordspot events check both --warnings=no
run wordspot events repair both --output=parted
run wordspot events list parted
run wordspot events repair both --in_place
run wordspot events list both
run wordspot events repair both --in_place
cmp both/events.out.damaged.1700000001.host.eval kept/events.out.tfevents.1700000001.host.eval &&
    echo kept

echo "--- one file"
run wordspot events repair damaged/first/train/$name --output=one.tfevents
cmp one.tfevents $train && echo same
run wordspot events repair damaged/first/train/$name --output=one.tfevents
run wordspot events check one.tfevents

echo "--- other things"
head -c 100 /dev/zero >zeros.tfevents
run wordspot events check zeros.tfevents
: >empty.tfevents
run wordspot events check empty.tfevents
run wordspot events repair empty.tfevents --output=filled.tfevents

echo "--- no room on the disk: an error, and nothing is left"
mkdir full
(
    ulimit -f 1
    wordspot events repair $train --output=full/$name 2>>messages >/dev/null
    wordspot events csv logs --output=full/table.csv 2>>messages
    wordspot events repair damaged/first/train --in_place 2>>messages >/dev/null
)
cat messages
find full -type f
find damaged/first/train -type f

echo "--- nowhere to print to: it is said, and no output is lost without a word"
wordspot events check damaged/first/train 2>&1 >/dev/full
echo "exit code $?"
wordspot events csv logs logs logs 2>&1 >/dev/full
echo "exit code $?"

echo "--- wrong usage"
run wordspot events check none
run wordspot events repair
run wordspot events repair logs
run wordspot events repair logs --in_place --output=x
run wordspot events repair logs logs --output=x
run wordspot events repair empty.tfevents --output=none/here/x.tfevents
run wordspot events check --help
run wordspot events repair --help
