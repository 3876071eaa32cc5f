# A grid of two flags and two seeds, in which the trials of one setting fail: it costs only them.
. "$CASES/lib.sh"
make_data
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --how_many_training_steps=10"
fixed="$fixed --eval_step_interval=5 --save_step_interval=5"
tidy() {
    sed -E -e 's/and [0-9][0-9a-z ]*,/and # s,/' -e 's/[ 0-9]{3}\.[0-9]{2}%/ ##.##%/g' \
        -e 's/(best|last|test) +##/\1 ##/g' -e 's/ is -?(nan|inf);/ is (not finite);/'
}
cat >params.txt <<'END'
# what is tried
learning_rate=0.01,1e30

batch_size=10,20
END
# shellcheck disable=SC2086
wordspot sweep --params=params.txt --seeds=2 -- $fixed >ranking 2>events
echo "exit code $?"
tidy <events
echo "--- ranking: the settings that failed come last"
tidy <ranking | sed 's/##.##%/#/g' | sort
echo "--- stable names"
find tmp/sweep | grep -v -e '/checkpoints/' -e '/best' -e '/aggregate/' | sed 's/tfevents\..*/tfevents.#/' | sort |
    grep -e 'sweep/[a-z.]*$' -e 0000
cat tmp/sweep/sweep.txt
head -1 tmp/sweep/results.csv
tail -n +2 tmp/sweep/results.csv | cut -d, -f2-7,14,15 | sort
python3 - <<'END'
import json
with open("tmp/sweep/results.json", encoding="utf-8") as file:
    results = json.load(file)
print(list(results), results["is_finished"], [len(s["trials"]) for s in results["settings"]])
first, last = results["settings"][0], results["settings"][-1]
print(sorted(first), first["n_done"], first["n_failed"], last["n_done"], last["n_failed"])
print(sorted(first["trials"][0]))
END
echo "--- seeds as mean, least and largest, of settings that did not fail"
(cd tmp/sweep/aggregate && ls . -- * */mean | sed 's/tfevents.*/tfevents.#/')
wordspot events csv tmp/sweep/logs >trials.csv
wordspot events csv tmp/sweep/aggregate >aggregate.csv
python3 - <<'END'
import collections, csv
def rows(name):
    return [row for row in csv.reader(open(name)) if row[0] != "run"]
seeds = collections.defaultdict(list)
for run, tag, step, _, value in rows("trials.csv"):
    trial, _, below = run.partition("/")
    if not trial.startswith("trial-"):
        continue
    seeds[int(trial[-4:]) // 2, below, tag, step].append(float(value))
how = {"mean": lambda values: sum(values) / len(values), "least": min, "largest": max}
n, wrong = 0, 0
for run, tag, step, _, value in rows("aggregate.csv"):
    setting, statistic, *below = run.split("/")
    values = seeds[int(setting[:4]), "/".join(below), tag, step]
    n += 1
    wrong += len(values) != 2 or abs(how[statistic](values) - float(value)) > 1e-6 * (1 + max(map(abs, values)))
print("some" if n > 50 else n, "values,", wrong, "wrong")
END
echo "--- what is said of all trials is said once, whoever runs them"
find tmp/sweep/logs -maxdepth 1 -name '*tfevents*' | tee experiment
cp "$(cat experiment)" before
wordspot sweep --dir=tmp/sweep --run_trial=0 2>/dev/null
wordspot sweep --dir=tmp/sweep >/dev/null 2>&1
cmp "$(cat experiment)" before && find tmp/sweep/logs -maxdepth 1 -name '*tfevents*'
echo "--- again: nothing is left to do"
wordspot sweep --dir=tmp/sweep 2>&1 >/dev/null | tidy
wordspot sweep --dir=tmp/sweep >again
echo "exit code $?"
cmp ranking again && echo "the same ranking"
wordspot sweep --report >again
echo "exit code of a report: $?"
cmp ranking again && echo "the same ranking"
echo "--- failures are tried again only on demand"
wordspot sweep --retry_failed 2>&1 >/dev/null | cut -d: -f1
echo "--- a trial that cannot begin is on TensorBoard's page too, once"
# shellcheck disable=SC2086
wordspot sweep --dir=t --param learning_rate=0.01 --param batch_size=10,20 --print=parallel -- $fixed >/dev/null
mkdir -p t/trials/0001
: >t/trials/0001/checkpoints
wordspot sweep --dir=t --run_trial=1 2>/dev/null
wordspot sweep --dir=t >/dev/null 2>&1
python3 "$SUPPORT/read_events.py" t/logs/trial-0001 | sed -E 's/tiny_conv-[0-9a-f]+ [0-9]+$/# #/'
wordspot events check t/logs >/dev/null || echo "events check finds something"
rm t/trials/0001/checkpoints
wordspot sweep --dir=t --retry_failed >/dev/null 2>&1
python3 "$SUPPORT/read_events.py" t/logs/trial-0001 | grep session |
    sed -E 's/tiny_conv-[0-9a-f]+ [0-9]+$/# #/'
echo "--- trials share the cores, unless they say how many they take"
# shellcheck disable=SC2086
wordspot sweep --dir=c --param threads=3,5 --jobs=2 -- $fixed --learning_rate=0.01 >/dev/null 2>&1
grep -ho -e '--threads=[0-9]*' c/trials/*/log.txt
echo "--- the command line of the best settings trains"
sed -n 's/^  wordspot/wordspot/p' ranking >command.sh
sh -e command.sh 2>&1 | grep -c '^Final test'
