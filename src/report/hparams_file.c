#include "report/hparams_file.h"

#include <string.h>

#include "base/text.h"
#include "report/best_figures.h"

static const char file_suffix[] = ".hparams";

const ws_run_figure_text ws_run_figures[WS_N_RUN_FIGURES] = {
    [WS_RUN_ACCURACY_BEST] = {WS_BEST_ACCURACY_TAG, "best accuracy",
                              "Highest share of validation clips that were recognised so far, 0 to "
                              "1"},
    [WS_RUN_ACCURACY_LAST] = {"eval-run/last_accuracy", "last accuracy",
                              "Share of validation clips that were recognised, 0 to 1"},
    [WS_RUN_ACCURACY_TEST] = {"eval-run/accuracy_test", "test accuracy",
                              "Share of test clips that were recognised at the end, 0 to 1"},
    [WS_RUN_CROSS_ENTROPY_BEST] = {WS_BEST_CROSS_ENTROPY_TAG, "cross entropy",
                                   "Validation cross entropy where the accuracy was highest so "
                                   "far"},
    [WS_RUN_UNFINISHED] = {"eval-run/unfinished", "unfinished",
                           "0: the run has come to its end. 1: it failed, was stopped or killed, "
                           "or is still running. Of several runs: their share"},
};

void ws_run_figures_describe(tbe_writer *writer)
{
    for (size_t i = 0; i < WS_N_RUN_FIGURES; i++) /* a failure shows at the first value */
        (void)tbe_describe(writer, ws_run_figures[i].tag, NULL, ws_run_figures[i].description);
}

tbe_writer *ws_hparams_file_open(const char *dir, int64_t step)
{
    tbe_options options;

    tbe_options_init(&options, sizeof options);
    options.start_step = step;
    options.writer_name = "wordspot";
    options.file_suffix = file_suffix;
    return tbe_open(dir, &options);
}

bool ws_hparams_file_has_name(const char *name)
{
    return strstr(name, "tfevents") != NULL && ws_text_has_suffix(name, file_suffix);
}

void ws_hparams_file_add_start(tbe_writer *writer, const ws_hparams_list *list)
{
    tbe_session session;

    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.hparams = list->items;
    session.n_hparams = list->n;
    session.group_name = list->group_name;
    (void)tbe_add_session_start(writer, &session);
}

void ws_hparams_file_add_end(tbe_writer *writer, int64_t step, tbe_session_end end)
{
    (void)tbe_add_scalar(writer, step, ws_run_figures[WS_RUN_UNFINISHED].tag,
                         end != TBE_SESSION_SUCCESS);
    (void)tbe_add_session_end(writer, end, 0);
}

int64_t ws_hparams_file_step_after(int64_t last_step)
{
    return last_step < INT32_MAX ? last_step + 1 : INT32_MAX;
}
