/* sweep/param: any text as the values of one flag of a training run that a sweep varies. Values
 * that are drawn are numbers of the range, or items of the list. */
#include "fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "settings/train_flags.h"
#include "sweep/param.h"

enum { N_DRAWS = 4 };

static void check_draws(const ws_sweep_param *param)
{
    char room[WS_PARAM_VALUE_SIZE];
    ws_random random;
    double number;

    if (param->is_range ? param->values.n_items > 0
                        : param->values.n_items < 1 || param->values.n_items > WS_PARAM_MAX_VALUES)
        abort();
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < N_DRAWS; i++) {
        const char *drawn = ws_sweep_param_draw(param, &random, room);
        if (param->is_range && (!ws_text_to_double(drawn, &number) || number < param->min ||
                                number > param->max || (param->is_whole && floor(number) < number)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    ws_sweep_param param;
    ws_error err = {0};

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    ws_status status = ws_sweep_param_init(&param, text, &err);
    const size_t i = status == WS_OK ? ws_flags_find(&ws_train_flags, param.name) : 0;
    if (status == WS_OK && i < ws_train_flags.n_flags) {
        status = ws_sweep_param_read(&param, &ws_train_flags.flags[i], &err);
        if (status == WS_OK)
            check_draws(&param);
    }
    if (status != WS_OK && err.message[0] == '\0')
        abort();
    ws_sweep_param_deinit(&param);
    free(text);
    return 0;
}
