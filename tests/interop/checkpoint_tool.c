/* The C half of test_bundle.py.
 *
 *     checkpoint_tool write DIR    seven checkpoints of made-up numbers as a run leaves them
 *     checkpoint_tool copy FROM TO reads a bundle and writes it again
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "checkpoint/keeper.h"
#include "support/bundle_copy.h"

enum { N_ROWS = 5, N_COLUMNS = 7 };

/** The arrays of one step; test_bundle.py knows the same formulas. */
static ws_status write_step(ws_keeper *keeper, int64_t step, ws_error *err)
{
    float weights[N_ROWS][N_COLUMNS];
    const int32_t flag = -1;
    for (int i = 0; i < N_ROWS; i++)
        for (int j = 0; j < N_COLUMNS; j++)
            weights[i][j] = ((float)step + (float)(i * N_COLUMNS + j)) / 16;
    char *settings = ws_text_format("{\"step\": %jd, \"words\": \"caf\xc3\xa9\"}", (intmax_t)step);
    if (settings == NULL)
        return ws_fail_memory(err, "settings");
    const ws_bundle_tensor tensors[] = {
        {"first_weights", WS_BUNDLE_FLOAT32, 2, {N_ROWS, N_COLUMNS}, weights, sizeof weights},
        {"first_weights/Momentum", WS_BUNDLE_FLOAT32, 1, {0}, NULL, 0},
        {"first_time_flag", WS_BUNDLE_INT32, 0, {0}, &flag, sizeof flag},
        {"global_step", WS_BUNDLE_INT64, 0, {0}, &step, sizeof step},
        {"wordspot/settings", WS_BUNDLE_STRING, 0, {0}, settings, strlen(settings)},
    };
    const size_t n_tensors = sizeof tensors / sizeof *tensors;
    ws_status status = ws_keeper_write(keeper, step, tensors, n_tensors, err);
    if (status == WS_OK && step == 300)
        status = ws_keeper_write_best(keeper, step, 0.75f, tensors, n_tensors, err);
    free(settings);
    return status;
}

static ws_status write_run(const char *dir, ws_error *err)
{
    ws_keeper *keeper = NULL;
    const ws_keeper_options options = {.dir = dir, .name = "conv"};

    ws_status status = ws_keeper_create(&keeper, &options, err);
    for (int64_t step = 100; status == WS_OK && step <= 700; step += 100)
        status = write_step(keeper, step, err);
    ws_keeper_destroy(keeper);
    return status;
}

int main(int argc, char **argv)
{
    ws_error err = {.message = "usage: checkpoint_tool write DIR | copy FROM TO"};
    ws_status status = WS_EUSAGE;

    if (argc == 3 && strcmp(argv[1], "write") == 0)
        status = write_run(argv[2], &err);
    else if (argc == 4 && strcmp(argv[1], "copy") == 0)
        status = ws_test_bundle_copy(argv[2], argv[3], &err);
    if (status != WS_OK)
        fprintf(stderr, "%s\n", err.message);
    return status == WS_OK ? 0 : 1;
}
