# The manual page and the completion, which the program makes of its own flag tables.
. "$CASES/lib.sh"
run wordspot --generate=html
wordspot --generate=man >wordspot.1
wordspot --generate=complete-bash >wordspot.bash

echo "--- every flag that --help shows is in the manual, and the other way round"
wordspot --help | sed -n 's/^  \([a-z_ ]*[a-z]\)  .*/\1/p' | while read -r command; do
    # shellcheck disable=SC2086 # a name may have two words
    wordspot $command --help | grep -oE '^  --[a-z0-9_]+'
done | tr -d ' ' | sort >helped
sed -n 's/^\\fB\\-\\-\([a-z0-9_]*\)\\fR\[*=.*/--\1/p' wordspot.1 | sort >manual
[ "$(wc -l <helped)" -gt 40 ] || echo "only $(wc -l <helped) flags"
run cmp helped manual
if command -v groff >/dev/null; then
    groff -man -Tutf8 -ww wordspot.1 2>&1 >/dev/null # prints what it does not like
fi

echo "--- completion"
mkdir -p here/sounds
touch here/model.pb
bash -c '
    . ./wordspot.bash
    cd here
    try() {
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _wordspot
        echo "$*: ${COMPREPLY[*]}"
    }
    try wordspot tr
    try wordspot train --model_a
    try wordspot train --seed = 5 --stri
    try wordspot train --data_dir =
    try wordspot train --data_dir = so
    try wordspot train --data_dir so
    try wordspot train --start_checkpoint = mo
    try wordspot bench --phases = t
    try wordspot bench --steps = 1
    try wordspot label_wav --graph = model.pb mo
    try wordspot label_wav --js
    try wordspot ev
    try wordspot events
    try wordspot events ""
    try wordspot events re
    try wordspot events diff --b
    try wordspot events csv --output = mo
    try wordspot events check so
    try wordspot nonsense --x
'
