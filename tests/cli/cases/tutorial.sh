# The tutorial in README.md: all commands of that section, in their order, in a directory that has
# nothing but the built programs, like a fresh clone. These are the differences:
#
#   - the data set comes from a server of this machine, and is synthetic speech (--data_url)
#   - training takes 100 steps and resumes up to 110, of 10 clips each (--how_many_training_steps,
#     --batch_size)
#   - the recording is half a minute long (--test_duration_seconds)
#   - TensorBoard listens on a free port (--port); it is left out where it is not installed
. "$CASES/lib.sh"
readme=$CASES/../../README.md
root=$(CDPATH='' cd -- "$CASES/../.." && pwd)
command -v espeak-ng >/dev/null || {
    echo "skipped: needs espeak-ng, which speaks the clips"
    exit 77
}
# The commands in the ```sh blocks of README.md, one a line: those of the tutorial, or all others.
commands() {
    awk -v wanted="$1" '
        /^## / { part = $0 == "## The tutorial" ? "tutorial" : "others" }
        /^```/ { inside = $0 == "```sh"; next }
        inside && part == wanted {
            sub(/^ +/, command == "" ? "" : " ")
            command = command $0
            if (sub(/ *\\$/, "", command) == 0) { print command; command = "" }
        }' "$readme"
}
# An archive like the real one, with the clips that the README names in it.
make_archive() {
    wordspot synth --data_dir=spoken --clips=20 --unknown_words=bed,cat --unknown_clips=20 \
        --background_files=2 --background_seconds=5 2>/dev/null
    commands tutorial | grep -o 'tmp/speech_dataset/[^ ]*\.wav' | sort -u | while read -r clip; do
        clip=spoken/${clip#tmp/speech_dataset/}
        set -- "${clip%/*}"/*_nohash_0.wav
        cp "$1" "$clip"
    done
    mkdir archives
    tar -czf archives/data.tar.gz -C spoken .
}
# The command as it is run here.
substitute() {
    case $1 in
    *" train --start_checkpoint="*) echo "$1 --how_many_training_steps=90,20" ;;
    *" train"*)
        echo "$1 --data_url=$server/cut/data.tar.gz --how_many_training_steps=80,20 --batch_size=10"
        ;;
    *" generate_streaming_test_wav"*) echo "$1 --test_duration_seconds=30" ;;
    *"/tensorboard "*) echo "$1 --host=127.0.0.1 --port=0" ;;
    *) echo "$1" ;;
    esac
}
# What is the same on each machine: no steps, no figures, and not which label is above which. Lines
# that are alike stand there once.
digest() {
    mask_server | grep -vE '^(Step #| ?\[| *$)' |
        sed -E -e 's/^[a-z_]+ \(score = /LABEL (score = /' -e 's/^[0-9a-f]+_nohash/FILE_nohash/' \
            -e 's/[0-9]+(\.[0-9]+)?/#/g' | awk '!seen[$0]++'
}
process=
trap '[ -z "$process" ] || kill "$process"' EXIT
# Starts TensorBoard, asks it for the accuracy of the run's parts, and stops it.
watch_tensorboard() {
    [ -x tmp/venv/bin/tensorboard ] || {
        echo "skipped: TensorBoard in cli_tutorial; tests/run.sh installs it in tmp/venv"
        return
    }
    python3 -c 'import socket; socket.getaddrinfo("localhost", None)' 2>/dev/null || {
        echo "skipped: TensorBoard in cli_tutorial; it needs the name localhost, unknown here"
        return
    }
    # shellcheck disable=SC2086 # a command line
    $1 >server.log 2>&1 &
    process=$!
    python3 - <<'PY' || cat server.log
import json, re, time, urllib.request
end = time.monotonic() + 60
runs = {}
while time.monotonic() < end and "eval/accuracy" not in runs.get("conv-1/validation", {}):
    time.sleep(0.2)
    address = re.search(r"http://127\.0\.0\.1:\d+/", open("server.log").read())
    if address:
        with urllib.request.urlopen(address[0] + "data/plugin/scalars/tags", timeout=20) as answer:
            runs = json.load(answer)
for part in "train", "validation", "test":
    if "eval/accuracy" not in runs.get(f"conv-1/{part}", {}):
        raise SystemExit(f"conv-1/{part}: no eval/accuracy in {runs}")
PY
    kill $process
    wait $process
    process=
}
make_archive
start_server
mkdir -p tmp/build
ln -s "$(dirname "$(command -v wordspot)")" tmp/build/release
venv=$(dirname "$(dirname "${WS_TEST_PYTHON:-$root/tmp/venv/bin/python}")")
[ ! -x "$venv/bin/tensorboard" ] || ln -s "$venv" tmp/venv
commands tutorial >list
n_run=0
while read -r command <&4; do
    echo "\$ $command"
    real=$(substitute "$command")
    case $command in
    */tensorboard\ *) watch_tensorboard "$real" ;;
    *)
        sh -c "$real" >output 2>&1
        code=$?
        digest <output
        [ $code = 0 ] || echo "(exit code $code)"
        ;;
    esac
    n_run=$((n_run + 1))
done 4<list
echo "--- $n_run of $(wc -l <list) commands were run; the README has these besides:"
commands others
echo "--- what they left"
find tmp -type f ! -path 'tmp/speech_dataset/*' |
    sed -E -e 's/events\.out\.tfevents.*/events.../' -e 's/(best.*)-[0-9]+\./\1-#./' | LC_ALL=C sort |
    uniq
cc -std=c17 -Wall -Werror -c tmp/left.c -o left.o && echo "tmp/left.c compiles"
