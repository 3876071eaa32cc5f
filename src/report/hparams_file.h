/**
 * The two small event files that make a run's row of the HParams page: one says how it
 * began, with its settings, the other how it ended. See hparams.c for why they are files of their
 * own.
 */
#ifndef WS_REPORT_HPARAMS_FILE_H
#define WS_REPORT_HPARAMS_FILE_H

#include "report/hparams_list.h"

/** The figures of a run as a whole: its metrics on that page, in the order of their tags. */
typedef enum ws_run_figure {
    WS_RUN_ACCURACY_TEST,
    WS_RUN_ACCURACY_BEST,
    WS_RUN_CROSS_ENTROPY_BEST,
    WS_RUN_ACCURACY_LAST,
    WS_RUN_UNFINISHED,
    WS_N_RUN_FIGURES
} ws_run_figure;

typedef struct ws_run_figure_text {
    const char *tag, *title, *description;
} ws_run_figure_text;

extern const ws_run_figure_text ws_run_figures[WS_N_RUN_FIGURES];

/** Hands all descriptions to a writer, ahead of the values. */
void ws_run_figures_describe(tbe_writer *writer);

/** A writer for one of the files. @param step  the run's steps from there on are new */
tbe_writer *ws_hparams_file_open(const char *dir, int64_t step);

/** Whether a name in the run's folder is that of such a file. */
bool ws_hparams_file_has_name(const char *name);

/** The settings of the run. A failure shows when the writer is closed, as of the next two. */
void ws_hparams_file_add_start(tbe_writer *writer, const ws_hparams_list *list);

/** How it ended. @param step  one after its last, so that a resumed run drops this */
void ws_hparams_file_add_end(tbe_writer *writer, int64_t step, tbe_session_end end);

/** The step after the last one, for the end of the run: the page takes 32 bits. */
int64_t ws_hparams_file_step_after(int64_t last_step);

#endif
