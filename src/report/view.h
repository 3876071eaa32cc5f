/**
 * A view: one kind of thing that TensorBoard shows of a run. Each has a file of its own and a row
 * in views.c; `--log` names those that are wanted.
 */
#ifndef WS_REPORT_VIEW_H
#define WS_REPORT_VIEW_H

#include "report/report.h"
#include "tbevents/tbevents.h"

/** All functions but name may be NULL: there is nothing to do. */
typedef struct ws_view {
    const char *name; /* in --log */
    /** Makes what the view has to remember. @param state  set; handed to the functions below */
    ws_status (*create)(const ws_report_options *options, void **state, ws_error *err);
    void (*destroy)(void *state);
    /** The report is open: descriptions, and what is known before the first step. */
    void (*start)(ws_report *report, void *state);
    void (*push_step)(ws_report *report, void *state, const ws_report_step *step);
    void (*push_evaluation)(ws_report *report, void *state, const ws_evaluation *evaluation);
    void (*push_end)(ws_report *report, void *state, const ws_report_end *end);
} ws_view;

enum { WS_N_VIEWS = 11 };

/** In the order in which they write; at the end they do so in the reverse order. */
extern const ws_view *const ws_views[WS_N_VIEWS];

extern const ws_view ws_view_hparams, ws_view_scalars, ws_view_confusion, ws_view_det,
    ws_view_mistakes, ws_view_filters, ws_view_histograms, ws_view_pr_curves, ws_view_text,
    ws_view_graph, ws_view_projector;

/* For views. */

const ws_report_options *ws_report_get_options(const ws_report *report);
/** The value of a flag of the run; "" if it has none of that name. */
const char *ws_report_setting_find(const ws_setting *settings, size_t n_settings, const char *name);
const ws_observation *ws_report_get_observation(const ws_report *report);
/** The text of a label, borrowed from the observation. */
const char *ws_report_label(const ws_report *report, size_t label);

/** The folder of a place's files (free()); NULL when out of memory. */
char *ws_report_place_dir(const ws_report *report, ws_report_place place);

/** The writer of a place; broken after a failure, which ws_report_check tells, but never NULL (but
 *  for want of memory, which tbevents takes as a broken one). */
tbe_writer *ws_report_writer(ws_report *report, ws_report_place place);

/** Says once in a run that figures are lost, if a writer's call failed. */
void ws_report_check(ws_report *report, ws_report_place place, tbe_status result);

/** Closes a writer that a view has opened itself. Says once in a run that figures are lost.
 *  @return whether all of it is in the file; false too without a writer, for want of memory */
bool ws_report_close_writer(ws_report *report, tbe_writer *writer);

/** A warning of a view about something that is not shown. */
void ws_report_warn(ws_report *report, const char *message);

/** The same of a view's own files that cannot be written: as ws_report_check, said once in a run.
 */
void ws_report_warn_lost(ws_report *report, const char *message);

#endif
