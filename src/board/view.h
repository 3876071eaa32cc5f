/**
 * A view: one kind of thing that TensorBoard shows of a run. Each has a file of its own and a row
 * in views.c; `--log` names those that are wanted.
 */
#ifndef WS_BOARD_VIEW_H
#define WS_BOARD_VIEW_H

#include "board/board.h"
#include "tbevents/tbevents.h"

/** The event files of a run: the place of its writer in the run's folder. */
typedef enum ws_board_place {
    WS_BOARD_RUN, /* the folder itself */
    WS_BOARD_TRAIN,
    WS_BOARD_VALIDATION,
    WS_BOARD_TEST,
    WS_N_BOARD_PLACES
} ws_board_place;

/** All functions but name may be NULL: there is nothing to do. */
typedef struct ws_view {
    const char *name; /* in --log */
    /** Makes what the view has to remember. @param state  set; handed to the functions below */
    ws_status (*create)(const ws_board_options *options, void **state, ws_error *err);
    void (*destroy)(void *state);
    /** The board is open: descriptions, and what is known before the first step. */
    void (*start)(ws_board *board, void *state);
    void (*push_step)(ws_board *board, void *state, const ws_board_step *step);
    void (*push_evaluation)(ws_board *board, void *state, const ws_evaluation *evaluation);
    void (*push_end)(ws_board *board, void *state, const ws_board_end *end);
} ws_view;

enum { WS_N_VIEWS = 10 };

/** In the order in which they write; at the end they do so in the reverse order. */
extern const ws_view *const ws_views[WS_N_VIEWS];

extern const ws_view ws_view_hparams, ws_view_scalars, ws_view_confusion, ws_view_mistakes,
    ws_view_filters, ws_view_histograms, ws_view_pr_curves, ws_view_text, ws_view_graph,
    ws_view_projector;

/* For views. */

const ws_board_options *ws_board_get_options(const ws_board *board);
/** The value of a flag of the run; "" if it has none of that name. */
const char *ws_board_setting_find(const ws_board_setting *settings, size_t n_settings,
                                  const char *name);
size_t ws_board_n_labels(const ws_board *board);
const char *ws_board_label(const ws_board *board, size_t label);

/** The place that shows a set's evaluations. */
ws_board_place ws_board_set_place(ws_set set);

/** The folder of a place's files (free()); NULL when out of memory. */
char *ws_board_place_dir(const ws_board *board, ws_board_place place);

/** The writer of a place; broken after a failure, which ws_board_check tells, but never NULL (but
 *  for want of memory, which tbevents takes as a broken one). */
tbe_writer *ws_board_writer(ws_board *board, ws_board_place place);

/** Says once in a run that figures are lost, if a writer's call failed. */
void ws_board_check(ws_board *board, ws_board_place place, tbe_status result);

/** Closes a writer that a view has opened itself. Says once in a run that figures are lost.
 *  @return whether all of it is in the file; false too without a writer, for want of memory */
bool ws_board_close_writer(ws_board *board, tbe_writer *writer);

/** A warning of a view about something that is not shown. */
void ws_board_warn(ws_board *board, const char *message);

/** The same of a view's own files that cannot be written: as ws_board_check, said once in a run. */
void ws_board_warn_lost(ws_board *board, const char *message);

#endif
