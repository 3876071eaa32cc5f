# `wordspot events`: what event files hold, as lists, tables and plots.
. "$CASES/lib.sh"
python3 "$SUPPORT/make_runs.py" logs
run wordspot events list logs
run wordspot events list logs --tag='*accuracy' --loader=python --tsv
run wordspot events csv logs/second/validation
run wordspot events csv logs --tag='*accuracy' --wide --output=table.csv
cat table.csv
run wordspot events diff logs/first logs/second
run wordspot events diff logs/first logs/second logs/second --tag='*entropy' --plots=0 --best=most
run wordspot events list logs/first/train/*

echo "--- damaged: what can be read is listed, and that there is more is said"
printf x | dd of=logs/first/train/events.out.tfevents.1700000000.host bs=1 seek=200 conv=notrunc 2>dd.log
run wordspot events list logs/first 2>&1 | sed -E 's/^(WARN|.*WARN[A-Z]*):?.*logs/WARNING: logs/'

echo "--- a long tag does not move the others"
PYTHONPATH="$SUPPORT" python3 -B -c '
import pathlib
from make_runs import scalar, start, version, write
write(pathlib.Path("long/x.tfevents"), version(1e9), start(1e9, 0),
      scalar(1e9, 1, "m/" + 70 * "long", 1), scalar(1e9, 1, "m/short", 1))'
run wordspot events list long

echo "--- wrong usage"
run wordspot events
run wordspot events lits
run wordspot events --help
run wordspot events list
run wordspot events list logs/none
run wordspot events list logs --loader=c
run wordspot events list logs --tag=nothing 2>&1 | grep -v '^warning'
run wordspot events csv logs --tag=nothing
run wordspot events csv logs --output=none/table.csv
run wordspot events diff logs/first
run wordspot events diff logs/first logs/second --best=worst
run wordspot events diff logs/first/train logs/second/validation
run wordspot events list --help
run wordspot events diff --help
run wordspot events csv --help
