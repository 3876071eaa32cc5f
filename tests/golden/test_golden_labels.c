/* The scores of real clips against TensorFlow's own, by the frozen graph and by the checkpoint that
 * TensorFlow wrote. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/label_model.h"
#include "recognize/labeller.h"
#include "recognize/rank.h"
#include "support/check.h"

enum { N_LABELS = 10, MAX_CLIPS = 64, N_TOP = 3 };

/* What the reference allows: TensorFlow's features are in single precision. */
static const double tolerance = 2e-5;

typedef struct golden {
    char models[512], clips[512];
    json_t *root;   /* of label_wav.json */
    json_t *labels; /* borrowed from it, as the next */
    json_t *rows;
} golden;

static bool open_golden(golden *g)
{
    char path[512];

    if (!ws_test_shared(path, sizeof path, "golden/tensorflow/labels/label_wav.json") ||
        !ws_test_shared(g->models, sizeof g->models,
                        "golden/tensorflow/models/tiny_conv_trained") ||
        !ws_test_shared(g->clips, sizeof g->clips, "data/speech_commands"))
        return false;
    g->root = json_load_file(path, 0, NULL);
    g->labels = json_object_get(g->root, "labels");
    g->rows = json_object_get(g->root, "clips");
    assert_int_equal(json_array_size(g->labels), N_LABELS);
    assert_int_equal(json_object_size(g->rows), 20);
    return true;
}

/** The model of a --graph or --start_checkpoint flag. */
static void open_model(const golden *g, const char *flag, const char *file, ws_model_file *model)
{
    const ws_flag_table *table = &ws_label_wav_flags;
    static char path[600], labels[600];
    ws_label_flags values = {.wav = ""};
    ws_flags flags;
    ws_error err = {.status = WS_OK};

    (void)snprintf(path, sizeof path, "%s/%s", g->models, file);
    (void)snprintf(labels, sizeof labels, "%s/labels.txt", g->models);
    assert_int_equal(ws_flags_init(&flags, table, &values, NULL), WS_OK);
    assert_int_equal(ws_flags_set(&flags, ws_flags_find(table, flag), path, NULL), WS_OK);
    values.labels = labels;
    values.train.model_architecture = "tiny_conv";
    if (ws_label_model_open(&flags, NULL, model, &err) != WS_OK)
        fail_msg("%s", err.message);
    ws_flags_deinit(&flags);
}

static void check_labels(const golden *g, const ws_model_file *model)
{
    assert_int_equal(model->labels->n_items, N_LABELS);
    for (size_t i = 0; i < N_LABELS; i++)
        assert_string_equal(model->labels->items[i],
                            json_string_value(json_array_get(g->labels, i)));
}

/** The row of a clip, and that the best three are in the same order. */
static void check_row(const char *clip, const json_t *wanted, const ws_model_file *model,
                      const float *scores)
{
    const json_t *softmax = json_object_get(wanted, "softmax"),
                 *top = json_object_get(wanted, "top3");
    float want[N_LABELS];
    size_t best[N_TOP];

    assert_int_equal(json_array_size(softmax), N_LABELS);
    for (size_t i = 0; i < N_LABELS; i++)
        want[i] = (float)json_real_value(json_array_get(softmax, i));
    assert_close(clip, scores, want, N_LABELS, tolerance);
    ws_rank_find(scores, N_LABELS, N_TOP, best);
    for (size_t i = 0; i < N_TOP; i++) {
        char label[64];
        assert_int_equal(sscanf(json_string_value(json_array_get(top, i)), "%63s", label), 1);
        assert_string_equal(model->labels->items[best[i]], label);
    }
}

static void check_model(const golden *g, const ws_model_file *model)
{
    static ws_error faults[MAX_CLIPS];
    char *paths[MAX_CLIPS];
    float scores[MAX_CLIPS * N_LABELS];
    size_t n = 0;
    const char *clip;
    json_t *row;
    ws_labeller *labeller;

    check_labels(g, model);
    json_object_foreach(g->rows, clip, row)
    {
        paths[n] = malloc(600);
        assert_non_null(paths[n]);
        (void)snprintf(paths[n++], 600, "%s/%s", g->clips, clip);
    }
    assert_int_equal(
        ws_labeller_create(&(ws_labeller_options){.model = model->frozen, .max_clips = MAX_CLIPS},
                           &labeller, NULL),
        WS_OK);
    ws_labeller_run(labeller, (const char *const *)paths, n, scores, faults);
    n = 0;
    json_object_foreach(g->rows, clip, row)
    {
        assert_int_equal(faults[n].status, WS_OK);
        check_row(clip, row, model, scores + n * N_LABELS);
        free(paths[n++]);
    }
    ws_labeller_destroy(labeller);
}

static void check(const char *flag, const char *file)
{
    static ws_model_file model;
    golden g;

    if (!open_golden(&g))
        skip();
    open_model(&g, flag, file, &model);
    check_model(&g, &model);
    ws_model_file_close(&model);
    json_decref(g.root);
}

static void frozen_graph(void **state)
{
    (void)state;
    check("graph", "frozen.pb");
}

static void saved_model(void **state)
{
    (void)state;
    check("graph", "saved_model");
}

static void checkpoint(void **state)
{
    (void)state;
    check("start_checkpoint", "tiny_conv.ckpt-2000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_graph),
        cmocka_unit_test(saved_model),
        cmocka_unit_test(checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
