#include "unit/wordspot_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/model.h"
#include "support/check.h"
#include "support/models.h"
#include "support/sound_file.h"

const char *const ws_test_spot_labels[WS_TEST_SPOT_N_LABELS] = {"_silence_", "_unknown_", "yes",
                                                                "no", "up"};

static void make_model(ws_frozen *frozen, const char *architecture, const char *preprocess)
{
    ws_feature_settings settings;
    const ws_model *model;
    ws_random random;

    *frozen = (ws_frozen){.features = {preprocess, WS_TEST_SPOT_RATE_HZ, 1000, 30.0, 10.0, 40}};
    if (strcmp(preprocess, "micro") == 0)
        frozen->micro_sample_scale = WS_SAMPLE_SCALE_FROZEN;
    assert_int_equal(ws_feature_settings_init(&frozen->features, &settings, NULL), WS_OK);
    assert_int_equal(ws_model_find(&model, architecture, NULL), WS_OK);
    const ws_model_settings shape =
        ws_test_model_settings(settings.n_frames, settings.width, WS_TEST_SPOT_N_LABELS);
    assert_int_equal(model->build(&frozen->graph, &shape, NULL), WS_OK);
    frozen->parameters = calloc(frozen->graph.n_weights, sizeof *frozen->parameters);
    frozen->states = calloc(frozen->graph.n_state_numbers + 1, sizeof *frozen->states);
    assert_true(frozen->parameters != NULL && frozen->states != NULL);
    ws_random_init(&random, 11, WS_RANDOM_TEST, 1, 0);
    for (size_t i = 0; i < frozen->graph.n_weights; i++)
        frozen->parameters[i] = (float)(0.03 * ws_random_truncated_normal(&random));
}

static void write_labels(const char *path)
{
    char text[256] = "";

    for (size_t i = 0; i < WS_TEST_SPOT_N_LABELS; i++) {
        (void)strcat(text, ws_test_spot_labels[i]);
        (void)strcat(text, "\n");
    }
    ws_test_file_write(path, text, strlen(text));
}

ws_test_spot *ws_test_spot_create(const char *architecture, const char *preprocess)
{
    ws_test_spot *spot = calloc(1, sizeof *spot);

    assert_non_null(spot);
    ws_test_make_dir(spot->dir, sizeof spot->dir);
    (void)snprintf(spot->graph, sizeof spot->graph, "%s/model.pb", spot->dir);
    (void)snprintf(spot->labels, sizeof spot->labels, "%s/labels.txt", spot->dir);
    make_model(&spot->frozen, architecture, preprocess);
    assert_int_equal(ws_frozen_write(spot->graph, "graph_def", &spot->frozen, NULL, NULL), WS_OK);
    write_labels(spot->labels);
    return spot;
}

wordspot *ws_test_spot_open(const ws_test_spot *spot, const wordspot_options *options)
{
    wordspot_error error;
    wordspot *spotter;

    if (wordspot_open(spot->graph, options, &spotter, &error) != WORDSPOT_OK)
        fail_msg("%s", error.message);
    return spotter;
}

void ws_test_spot_destroy(ws_test_spot *spot)
{
    ws_frozen_deinit(&spot->frozen);
    ws_test_remove_dir(spot->dir);
    free(spot);
}

void ws_test_spot_fill(float *samples, size_t n, int rate_hz)
{
    const size_t half = (size_t)rate_hz / 2;
    ws_random random;

    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n; i++) {
        const double hz = 200.0 + 310.0 * (double)(i / half * 7 % 11);
        samples[i] = (float)(0.3 * sin(6.283185307179586 * hz * (double)i / rate_hz) +
                             0.1 * (ws_random_uniform(&random) - 0.5));
        if (i / half == 5)
            samples[i] = 0.0f;
    }
}
