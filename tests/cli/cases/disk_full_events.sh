# No room for event files, on a tmpfs of 32 KiB: training continues, and what was written is complete.
. "$CASES/lib.sh"
make_data
mkdir logs
mount -t tmpfs -o size=32k none logs 2>/dev/null || {
    echo "skipped: needs the right to mount a tmpfs"
    exit 77
}
trap 'umount logs' EXIT
# shellcheck disable=SC2086
run wordspot train $small --how_many_training_steps=600,0 --log_step_interval=600 \
    --eval_step_interval=600 --save_step_interval=600 --summaries_dir=logs 2>&1 | mask |
    grep -vE '^(Step #| \[|Confusion)' | sed 's/tfevents\.[^;]*:/tfevents.#:/' >shown
# after which step the warning comes is a matter of time: it stands by itself here
grep -v '^warning' shown
grep '^warning' shown
for run in logs/*/train; do
    python3 "$SUPPORT/read_events.py" "$run" >/dev/null && echo "events whole"
done
