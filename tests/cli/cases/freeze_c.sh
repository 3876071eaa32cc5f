# A model as an array in C: compiled as C and as C++, it is the TFLite file.
. "$CASES/lib.sh"
make_data
# shellcheck disable=SC2086
wordspot train $small --preprocess=micro --window_stride_ms=20 2>/dev/null
run_dir=tmp/speech_commands_train
f() {
    run wordspot freeze --start_checkpoint=$run_dir "$@"
}
f --save_format=tflite --output_file=model.tflite
f --save_format=c --output_file=main/micro_model.c
run ls main
cat main/micro_model.h main/micro_model_settings.h
sed -E '/"recipe"/d; s/("bytes": )[0-9]+/\1#/' main/micro_model.json
cat >app.c <<'END'
#include <stdint.h>
#include <stdio.h>

#include "main/micro_model.h"
#include "main/micro_model_settings.h"
#include "main/micro_model.h"
#include "main/micro_model_settings.h"

static float features[kFeatureElementCount];

int main(void)
{
    if ((uintptr_t)g_model % 16 != 0 || g_model_len != (int)g_model_size ||
        sizeof kCategoryLabels / sizeof *kCategoryLabels != kCategoryCount)
        return 1;
    for (int i = 0; i < kCategoryCount; i++)
        fprintf(stderr, "%s\n", kCategoryLabels[i]);
    fprintf(stderr, "%d features\n", (int)(sizeof features / sizeof *features));
    return fwrite(g_model, 1, (size_t)g_model_len, stdout) == g_model_size ? 0 : 1;
}
END
strict="-Wall -Wextra -Wpedantic -Werror"
echo "--- as C"
# shellcheck disable=SC2086
run cc -std=c11 $strict -o app app.c main/micro_model.c
./app >got
run cmp got model.tflite
echo "--- as C++, and with C++ around C"
cp app.c app.cpp
f --save_format=c --output_file=main/micro_model.cc >/dev/null
# shellcheck disable=SC2086
run c++ -std=c++11 $strict -o app app.cpp main/micro_model.cc
./app >got
run cmp got model.tflite
# shellcheck disable=SC2086
cc -std=c11 $strict -c -o model.o main/micro_model.c && c++ -std=c++11 $strict -o app app.cpp model.o
./app >got 2>/dev/null
run cmp got model.tflite
echo "--- another name; the same bytes each time"
f --save_format=c --output_file=2words.cpp --c_name=g_words_model_data
grep -n "_H_\|g_words" 2words.h
cp 2words.cpp first.cpp
f --save_format=c --output_file=2words.cpp --c_name=g_words_model_data >/dev/null
run cmp first.cpp 2words.cpp
echo "--- what is wrong"
f --save_format=c --output_file=model.txt
f --save_format=c --output_file=.c
f --save_format=c --output_file=words.c --c_name=my-model
for name in int class main errno __model _Model; do
    f --save_format=c --output_file=words.c --c_name=$name
done
mkdir words.json
f --save_format=c --output_file=words.c
ls
