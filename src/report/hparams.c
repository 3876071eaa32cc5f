/*
 * The run as a row of the HParams page: its settings, its last and best figures, and how it ended.
 *
 * TensorBoard keeps the first settings and the first end that it sees of a run. A resumed run,
 * maybe with a longer schedule, needs new ones. So they are in two small event files of their own,
 * made when the report opens and when it closes, and the next process of the run deletes those of
 * the process before. The figures are curves like all others.
 *
 * A run does not describe all runs together, though TensorBoard has a record for that
 * (experiment.h, which is for a sweep). From the runs themselves TensorBoard finds out which
 * settings differ, shows those first, and offers their values as filters. A record of the first
 * run, which cannot know of a second one, would prevent that. So only the order of the names
 * decides which five settings (hparams_list.h) and which five figures are shown at first. A window
 * of 1,500 pixels has room for one figure after five settings: the accuracy on the test, whose tag
 * sorts first. The tags here come before all of "eval/", since '-' is less than '/' there; other
 * pages sort '/' first and have them later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "report/best_figures.h"
#include "report/hparams_file.h"
#include "report/view.h"

typedef struct hparams_state {
    char *dir; /* of the run */
    ws_hparams_list list;
    ws_best_figures best;
    float test_accuracy;
    bool has_test;
    bool has_stepped; /* the first step of this process is made */
} hparams_state;

static void destroy(void *state)
{
    hparams_state *s = state;
    if (s == NULL)
        return;
    ws_hparams_list_deinit(&s->list);
    free(s->dir);
    free(s);
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    hparams_state *s = calloc(1, sizeof *s);
    *state = s;
    if (s == NULL)
        return ws_fail_memory(err, "event files");
    s->dir = ws_path_join(options->summaries_dir, options->run_name);
    if (s->dir == NULL)
        return ws_fail_memory(err, "event files");
    const ws_status status = ws_best_figures_read(s->dir, options->first_step, &s->best, err);
    if (status != WS_OK)
        return status;
    return ws_hparams_list_init(&s->list, options->settings, options->n_settings,
                                &(ws_run_extent){
                                    .n_clips = options->observation->n_clips,
                                    .n_steps = options->observation->n_steps,
                                },
                                err);
}

/** Deletes files of the process before this one, which stopped or was killed. One that cannot be
 *  deleted makes the page show older settings: no reason for a warning. */
static void delete_files(const hparams_state *s, const ws_text_list *names)
{
    for (size_t i = 0; i < names->n_items; i++) {
        char *path = ws_hparams_file_has_name(names->items[i])
                         ? ws_path_join(s->dir, names->items[i])
                         : NULL;
        if (path != NULL)
            (void)remove(path);
        free(path);
    }
}

static void start(ws_report *report, void *state)
{
    const hparams_state *s = state;
    ws_text_list old_names = {.items = NULL};

    const ws_status listed = ws_dir_list(s->dir, &old_names, NULL);
    tbe_writer *writer = ws_hparams_file_open(s->dir, ws_report_get_options(report)->first_step);
    ws_hparams_file_add_start(writer, &s->list);
    if (ws_report_close_writer(report, writer) && listed == WS_OK)
        delete_files(s, &old_names);
    ws_text_list_deinit(&old_names);
    /* from here on in the run's common file, which has to be newer */
    ws_run_figures_describe(ws_report_writer(report, WS_REPORT_RUN));
}

static void push_step(ws_report *report, void *state, const ws_report_step *step)
{
    hparams_state *s = state;
    if (s->has_stepped)
        return;
    s->has_stepped = true;
    ws_report_check(report, WS_REPORT_RUN,
                    tbe_add_scalar(ws_report_writer(report, WS_REPORT_RUN), step->step,
                                   ws_run_figures[WS_RUN_UNFINISHED].tag, 1));
}

static void push_validation(ws_report *report, hparams_state *s, const ws_evaluation *evaluation)
{
    const char *const tags[] = {ws_run_figures[WS_RUN_ACCURACY_BEST].tag,
                                ws_run_figures[WS_RUN_ACCURACY_LAST].tag,
                                ws_run_figures[WS_RUN_CROSS_ENTROPY_BEST].tag};
    const float accuracy = (float)ws_confusion_accuracy(evaluation->confusion);

    if (!s->best.is_known || accuracy > s->best.accuracy)
        s->best = (ws_best_figures){
            .is_known = true,
            .accuracy = accuracy,
            .cross_entropy = (float)evaluation->cross_entropy,
        };
    const float values[] = {s->best.accuracy, accuracy, s->best.cross_entropy};
    ws_report_check(report, WS_REPORT_RUN,
                    tbe_add_scalars(ws_report_writer(report, WS_REPORT_RUN), evaluation->step, 3,
                                    tags, values));
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    hparams_state *s = state;
    if (evaluation->place == WS_REPORT_VALIDATION) {
        push_validation(report, s, evaluation);
    } else {
        s->test_accuracy = (float)ws_confusion_accuracy(evaluation->confusion);
        s->has_test = true;
    }
}

/** Views end in the reverse of their order: the run's common file is complete, so TensorBoard may
 *  move on to a newer one. */
static void push_end(ws_report *report, void *state, const ws_report_end *end)
{
    const hparams_state *s = state;
    const int64_t first_step = ws_report_get_options(report)->first_step;
    /* After the last step, so that a resumed run drops it. If no step was made it is not the first
     * step, or it would itself drop the texts of the start. */
    const int64_t last_step = end->step < first_step ? first_step : end->step;
    const int64_t step = ws_hparams_file_step_after(last_step);

    ws_report_flush(report);
    if (end->is_paused)
        return; /* it stands as unfinished since its first step */
    tbe_writer *writer = ws_hparams_file_open(s->dir, step);
    ws_run_figures_describe(writer);
    if (s->has_test)
        (void)tbe_add_scalar(writer, step, ws_run_figures[WS_RUN_ACCURACY_TEST].tag,
                             s->test_accuracy);
    ws_hparams_file_add_end(writer, step,
                            end->reason == NULL ? TBE_SESSION_SUCCESS : TBE_SESSION_FAILURE);
    (void)ws_report_close_writer(report, writer);
}

const ws_view ws_view_hparams = {
    .name = "hparams",
    .create = create,
    .destroy = destroy,
    .start = start,
    .push_step = push_step,
    .push_evaluation = push_evaluation,
    .push_end = push_end,
};
