/**
 * The event files of a run, for TensorBoard: what is known of its steps, evaluations and end is
 * handed to the views (view.h), each of which shows one kind of thing.
 *
 *     <summaries_dir>/<run_name>/             what is known of the run as a whole; a resumed
 *                                             run replaces the *.hparams files there
 *     <summaries_dir>/<run_name>/train        a point each step
 *     <summaries_dir>/<run_name>/validation   a point each evaluation
 *     <summaries_dir>/<run_name>/test         the one at the end
 *
 * Figures that cannot be written are a warning, once, and no reason to end the training.
 */
#ifndef WS_REPORT_REPORT_H
#define WS_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "metrics/confusion.h"
#include "metrics/det.h"
#include "report/observation.h"
#include "settings/setting.h"

typedef struct ws_report ws_report;

/** All pointers are borrowed until the report is destroyed. */
typedef struct ws_report_options {
    const char *summaries_dir, *run_name;
    const char *views;                 /* comma list of names of views, "all" or "none" */
    int64_t first_step;                /* of this process: 1, or the one after the checkpoint's */
    bool is_resumed;                   /* the run has event files already */
    bool is_test_alone;                /* nothing was trained: one evaluation of WS_REPORT_TEST, by
                                          the views scalars and confusion; the observation has
                                          labels only */
    const ws_observation *observation; /* its redraw may be called between two steps */
    const ws_setting *settings;        /* [n_settings] */
    size_t n_settings;
    const char *command_line; /* as one would type it */
    const char *program;      /* that runs it, its version, and the machine; may be NULL */
    const ws_log *log;        /* may be NULL */
} ws_report_options;

/** Whether a list of views can be understood. @return WS_OK or WS_EUSAGE naming the wrong one */
WS_MUST_CHECK ws_status ws_report_check_views(const char *views, ws_error *err);

/** Opens the event files of the run, of training and of validation.
 *  @return WS_OK; WS_EUSAGE for a wrong list of views; WS_EIO or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_report_create(ws_report **report, const ws_report_options *options,
                                         ws_error *err);
/** Closes them; NULL is fine. */
void ws_report_destroy(ws_report *report);

/** A training step. */
typedef struct ws_report_step {
    int64_t step;
    double rate;
    double accuracy;       /* 0 to 1, of the batch, before the update, with dropout */
    double cross_entropy;  /* the same */
    double seconds;        /* that it took, input and update included */
    double input_seconds;  /* of these: clips read and mixed, features made */
    double update_seconds; /* of these: weights moved */
    size_t n_ranks;        /* processes that made it together; 0 or 1: this one alone */
    double wait_seconds;   /* of seconds: the longest that one has waited for others */
    /** [n_timed of the observation's graph] seconds of each of these nodes, which sum to seconds;
     *  NULL: not known. Borrowed for the call. */
    const double *node_seconds;
} ws_report_step;

/** Called while the step's gradients still stand in the observation's array. */
void ws_report_push_step(ws_report *report, const ws_report_step *step);

/** What the network says of the clips of a set; arrays are borrowed for the call. */
typedef struct ws_evaluation {
    ws_report_place place; /* WS_REPORT_VALIDATION or WS_REPORT_TEST */
    int64_t step;
    bool is_last;              /* of this set in the run */
    int64_t number, n_planned; /* number, from 1, among the n_planned of this set in the run */
    const ws_confusion *confusion;
    bool is_of_average;    /* the network had the averages of --ema */
    double raw_accuracy;   /* 0 to 1, with the weights themselves, where it is of the average */
    double cross_entropy;  /* mean over the clips */
    size_t n_clips;        /* that could be read; 0: nothing is shown */
    const size_t *entries; /* [n_clips] their places in the set, rising */
    const int32_t *labels; /* [n_clips] what was said */
    const float *logits;   /* [n_clips, n_labels] */
    const ws_det *det;     /* of a wake word; NULL: of another network */
} ws_evaluation;

void ws_report_push_evaluation(ws_report *report, const ws_evaluation *evaluation);

/** How a run ended. */
typedef struct ws_report_end {
    const char *reason; /* why it is no success: one sentence; NULL: it came to its end */
    bool is_paused;     /* stopped on request, to be resumed: neither a success nor a failure */
    int64_t step;       /* the last one that was made */
} ws_report_end;

/** Once, before the report is destroyed. */
void ws_report_push_end(ws_report *report, const ws_report_end *end);

/** Hands everything to the system, so that it survives the end of the process: to be called before
 *  a checkpoint gets its name, since a run may resume from there. */
void ws_report_flush(ws_report *report);

#endif
