# `wordspot events merge`, `rename`, `drop` and `tables`: runs made from runs.
. "$CASES/lib.sh"
python3 "$SUPPORT/make_runs.py" logs

echo "--- merge: the statistics of two seeds"
run wordspot events merge logs/first logs/second --output=merged
run wordspot events csv merged --tag='*accuracy' --wide
{ wordspot events csv logs; wordspot events csv merged; } | python3 -B -c '
import collections, csv, statistics, sys
values = collections.defaultdict(list)
made = {}
for run, tag, step, _, value in csv.reader(sys.stdin):
    top, _, below = run.partition("/")
    if top in ("first", "second"):
        values[below, tag, step].append(float(value))
    elif top != "run":
        made[top, below, tag, step] = float(value)
expected = {(name, *at): function(both) for at, both in values.items() if len(both) == 2
            for name, function in (("mean", statistics.mean), ("spread", statistics.stdev),
                                   ("least", min), ("largest", max))}
same = expected.keys() == made.keys() and all(abs(made[at] - expected[at]) < 1e-7 for at in made)
print(len(made), "statistics", "as Python has them" if same else "of which some are wrong")'
run wordspot events check merged --warnings=no
run wordspot events merge logs/first logs/second --output=merged
run wordspot events merge logs/first/train logs/second/validation --output=other
run wordspot events merge logs/first --output=other
run wordspot events merge logs/first logs/second
run wordspot events merge --help

echo "--- rename"
run wordspot events rename logs --tag='eval/*' --new_tag='test/*' --run=first --new_run=one --output=renamed
run wordspot events list renamed
cmp logs/first/train/events.out.tfevents.1700000000.host renamed/one/train/events.out.tfevents.1700000000.host
run wordspot events rename renamed --tag='test/*' --new_tag='eval/*' --run='one*' --new_run='first*' --output=back
diff -r logs back && echo "back to the same bytes"
run wordspot events rename logs --tag=eval/accuracy --new_tag='=odd, "tag"' --output=other
run wordspot events rename logs --tag='*' --new_tag=one --output=other
run wordspot events rename logs --run='*/train' --new_run='*/validation' --output=other4
run wordspot events rename logs --run=first --new_run=../x --output=other2
run wordspot events rename logs --tag=none --new_tag=x --output=other3
run wordspot events rename logs --tag=none --output=other3
run wordspot events rename logs --output=other3
run wordspot events rename --help

echo "--- drop"
run wordspot events drop logs --run='*/train' --output=dropped
run wordspot events drop logs --tag='*accuracy' --run=second --output=dropped2
run wordspot events list dropped2
run wordspot events drop logs --output=dropped2
run wordspot events drop logs --tag=none --output=dropped3
run wordspot events drop --help

echo "--- a damaged file is not copied in part"
head -c 300 logs/first/train/events.out.tfevents.1700000000.host >torn.tfevents
cat logs/first/validation/events.out.tfevents.1700000000.host >>torn.tfevents
run wordspot events drop torn.tfevents --tag='*accuracy' --output=dropped4

echo "--- tables"
PYTHONPATH="$SUPPORT" python3 -B -c '
import pathlib
from make_runs import event, field, scalar, start, version, write
def tensor(*rows):
    shape = b"".join(field(2, b"\x08" + bytes([n])) for n in (len(rows), len(rows[0])))
    return b"\x08\x07" + field(2, shape) + b"".join(field(8, c.encode()) for r in rows for c in r)
def value(tag, plugin, made, content=b""):
    return field(5, field(1, field(1, tag.encode()) + field(8, made) +
                             field(9, field(1, field(1, plugin) + field(2, content)))))
def hparam(key, made):
    return field(1, field(1, key.encode()) + field(2, made))
def number(x):
    import struct
    return b"\x11" + struct.pack("<d", x)
for i, rate in enumerate((0.1, 0.25)):
    session = field(3, hparam("rate", number(rate)) + hparam("model", field(3, b"conv")) +
                    field(4, b"g%d" % i))
    write(pathlib.Path(f"sweep/{i}/events.out.tfevents.1700000000.host"), version(1e9),
          start(1e9, 0), event(1e9, 0, value("_hparams_/session_start_info", b"hparams", b"",
                                             session)),
          scalar(1e9, 1, "best", i / 2 + 0.1),
          event(1e9, 1, value("notes/a", b"text", tensor(("old",)))),
          event(1e9, 2, value("notes/a", b"text", tensor(("a\x1b", "b,c"), ("=d", "e")))))'
run wordspot events tables sweep
run wordspot events tables sweep --csv
run wordspot events tables sweep --kind=text
run wordspot events tables sweep/1 --kind=text --csv
run wordspot events tables logs
run wordspot events tables sweep --kind=text --tag=none
run wordspot events tables sweep --kind=graph
run wordspot events tables --help
