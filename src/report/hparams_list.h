/** The settings of a run as TensorBoard's hyperparameters. */
#ifndef WS_REPORT_HPARAMS_LIST_H
#define WS_REPORT_HPARAMS_LIST_H

#include "base/text.h"
#include "report/report.h"
#include "tbevents/tbevents.h"

/**
 * The same names and types in every run: TensorBoard compares and filters by them, and its parallel
 * coordinates leave out a run that lacks one.
 */
typedef struct ws_hparams_list {
    tbe_hparam *items;  /* [n] owned; texts are those of the settings */
    const char **flags; /* [n] the setting that an item is of; NULL: of more than one. Owned */
    size_t n;
    ws_text_list texts; /* names and texts that are made here */
    /** The same for runs that differ in nothing but the seed: the architecture and a digest of the
     *  hyperparameters and of the numbers of clips, as in "conv-3f2a91". Owned. */
    char *group_name;
} ws_hparams_list;

/** What is known of a run beyond its settings. */
typedef struct ws_run_extent {
    const size_t *n_clips; /* [WS_N_REPORT_PLACES] of each set; NULL: not known, which gives the
                              group another name */
    int64_t n_steps;       /* of all phases; 0: as how_many_training_steps says */
} ws_run_extent;

/**
 * Of every setting that is a hyperparameter its value. TensorBoard ticks the first five in the
 * order of their names (those that differ between runs come before that), so names say what
 * matters: the few settings that identify a run have their own, as in "learning_rate"; all others
 * come after them, as in "setting/warmup". The text "changed" has those others that are not as
 * usual, as in "warmup=0.1", or "none".
 *
 * Two settings are comma lists, a part for each phase of training, which the page could neither
 * sort nor draw along an axis. They become numbers:
 *
 *     learning_rate                          in the first phase
 *     setting/learning_rate_last             in the last one
 *     how_many_training_steps                of all phases together, also where epochs are given
 *     setting/how_many_training_steps_first  of the first one
 *
 * @param list      set; ws_hparams_list_deinit() it, after a failure too
 * @param settings  [n_settings] borrowed until the list's end
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_hparams_list_init(ws_hparams_list *list, const ws_setting *settings,
                                             size_t n_settings, const ws_run_extent *extent,
                                             ws_error *err);
void ws_hparams_list_deinit(ws_hparams_list *list);

#endif
