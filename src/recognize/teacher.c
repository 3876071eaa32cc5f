#include "recognize/teacher.h"

#include <stdlib.h>
#include <string.h>

#include "recognize/checkpoint_model.h"
#include "recognize/engine_choice.h"
#include "recognize/recognizer.h"

struct ws_teacher {
    ws_train_options options; /* values of flags */
    ws_flags flags;
    ws_checkpoint_model model;
    ws_recognizer recognizer;
};

/** Fails if a flag of the features differs between teacher and run. */
static ws_status check_features(const ws_train_options *own, const ws_train_options *run,
                                ws_error *err)
{
    static const char *const names[] = {"preprocess",     "sample_rate",      "clip_duration_ms",
                                        "window_size_ms", "window_stride_ms", "feature_bin_count"};
    char of_teacher[WS_FLAG_MAX_TEXT], of_run[WS_FLAG_MAX_TEXT];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ws_flag *flag = &ws_train_flags.flags[ws_flags_find(&ws_train_flags, names[i])];
        ws_flag_get_text(flag, own, of_teacher, sizeof of_teacher);
        ws_flag_get_text(flag, run, of_run, sizeof of_run);
        if (strcmp(of_teacher, of_run) != 0)
            return ws_fail(err, WS_EUSAGE,
                           "--distill=%.300s: the teacher was trained with --%s=%.100s, this run "
                           "has --%s=%.100s; expected the same features",
                           run->distill, names[i], of_teacher, names[i], of_run);
    }
    return WS_OK;
}

static ws_status check_labels(const ws_text_list *own, const ws_text_list *run,
                              const ws_train_options *options, ws_error *err)
{
    bool is_same = own->n_items == run->n_items;

    for (size_t i = 0; is_same && i < run->n_items; i++)
        is_same = strcmp(own->items[i], run->items[i]) == 0;
    if (is_same)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--distill=%.300s: the teacher was trained with other words than "
                   "--wanted_words=%.300s; expected the same ones in the same order",
                   options->distill, options->wanted_words);
}

/** Reads the model, which must fit the run. */
static ws_status read_model(ws_teacher *teacher, const ws_train_options *options,
                            const ws_text_list *labels, ws_error *err)
{
    ws_checkpoint_model *model = &teacher->model;
    ws_status status = ws_flags_init(&teacher->flags, &ws_train_flags, &teacher->options, err);

    if (status == WS_OK)
        status = ws_checkpoint_model_read(options->distill, &teacher->flags, 0, model, err);
    if (status == WS_OK && !model->has_settings)
        status = ws_fail(err, WS_EUSAGE,
                         "--distill=%.300s: does not say its words and features; expected a "
                         "checkpoint of Wordspot",
                         options->distill);
    if (status == WS_OK)
        status = check_features(&model->options, options, err);
    return status == WS_OK ? check_labels(&model->labels, labels, options, err) : status;
}

static ws_status open(ws_teacher *teacher, const ws_train_options *options,
                      const ws_text_list *labels, const ws_log *log, ws_error *err)
{
    ws_engine engine = WS_ENGINE_FAST;
    ws_status status = read_model(teacher, options, labels, err);

    if (status == WS_OK)
        status = ws_engine_choice_find(options, &engine, err);
    if (status == WS_OK)
        status =
            ws_recognizer_init(&(ws_recognizer_options){.model = &teacher->model.frozen,
                                                        .n_threads = (unsigned)options->threads,
                                                        .engine = engine,
                                                        .isa = options->isa,
                                                        .log = log},
                               &teacher->recognizer, err);
    return status == WS_OK ? ws_recognizer_open_network(&teacher->recognizer, 0, err) : status;
}

ws_status ws_teacher_check(const ws_train_options *options, const ws_text_list *labels,
                           ws_error *err)
{
    ws_teacher *made = calloc(1, sizeof *made);

    if (made == NULL)
        return ws_fail_memory(err, "the teacher's network");
    const ws_status status = read_model(made, options, labels, err);
    ws_teacher_destroy(made);
    return status;
}

ws_status ws_teacher_create(const ws_train_options *options, const ws_text_list *labels,
                            const ws_log *log, ws_teacher **teacher, ws_error *err)
{
    ws_teacher *made = calloc(1, sizeof *made);

    *teacher = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "the teacher's network");
    const ws_status status = open(made, options, labels, log, err);
    if (status != WS_OK) {
        ws_teacher_destroy(made);
        return status;
    }
    ws_log_write(log, WS_LOG_INFO, "Learning from %s, %zu parameters", options->distill,
                 made->model.frozen.graph.n_weights);
    *teacher = made;
    return WS_OK;
}

void ws_teacher_destroy(ws_teacher *teacher)
{
    if (teacher == NULL)
        return;
    ws_recognizer_deinit(&teacher->recognizer);
    ws_checkpoint_model_deinit(&teacher->model);
    ws_flags_deinit(&teacher->flags);
    free(teacher);
}

void ws_teacher_run(ws_teacher *teacher, const float *features, size_t n, float *logits)
{
    ws_recognizer_predict(&teacher->recognizer, features, n, logits);
}
