# From a data set to firmware: the commands of the README's section "Model files", in their order, on a small
# data set and with fewer steps. What comes out is compiled into a program, as TensorFlow Lite Micro's example does.
. "$CASES/lib.sh"
readme=$CASES/../../README.md
make_data
mkdir -p tmp/build
ln -s "$(dirname "$(command -v wordspot)")" tmp/build/release
# The commands of the section's first ```sh block, one a line.
commands() {
    awk '/^## / { part = $0 == "## Model files" }
        /^```/ { inside = part && $0 == "```sh"; next }
        inside {
            sub(/^ +/, command == "" ? "" : " ")
            command = command $0
            if (sub(/ *\\$/, "", command) == 0) { print command; command = "" }
        }' "$readme"
}
commands >list
while read -r command <&4; do
    echo "\$ $command"
    case $command in
    *" train "*) real="$command --data_dir=data --how_many_training_steps=150,50 --batch_size=20" ;;
    *" test "*) real="$command --data_dir=data" ;;
    *) real=$command ;;
    esac
    sh -c "$real" >output 2>&1 || cat output
    grep -E '^(Final|Saved|[A-Za-z]+ accuracy|Accuracy)' output | sed -E 's/[0-9]+\.[0-9]+/#/g'
done 4<list
run ls tmp/micro_model.c tmp/micro_model.h tmp/micro_model_settings.h tmp/micro_model.json
test "$(wc -c <tmp/micro.tflite)" -le 19500 && echo "small enough"
echo "--- what was trained is what is heard"
for word in yes no; do
    wordspot label_wav_dir --graph=tmp/micro.tflite --wav_dir=data/$word --json >lines
    python3 - $word <<'PY'
import json, sys
found = [json.loads(line)["label"] for line in open("lines")]
print(sys.argv[1], 2 * found.count(sys.argv[1]) > len(found))
PY
done
echo "--- in a program"
cat >main.c <<'END'
#include <stdio.h>

#include "tmp/micro_model.h"
#include "tmp/micro_model_settings.h"

int main(void)
{
    printf("%d x %d features, %d labels:", kFeatureCount, kFeatureSize, kCategoryCount);
    for (int i = 0; i < kCategoryCount; i++)
        printf(" %s", kCategoryLabels[i]);
    printf("; %.4s, aligned: %d\n", (const char *)g_model + 4, (int)((size_t)g_model % 16 == 0));
    return 0;
}
END
${CC:-cc} -std=c11 -Wall -Wextra -Werror -o program main.c tmp/micro_model.c && ./program
