/** The settings of a run as TensorBoard's hyperparameters. */
#ifndef WS_REPORT_HPARAMS_LIST_H
#define WS_REPORT_HPARAMS_LIST_H

#include "report/report.h"
#include "tbevents/tbevents.h"

/** The same names and types in every run: TensorBoard compares and filters by them. */
typedef struct ws_hparams_list {
    tbe_hparam *items; /* [n] owned; names and texts are those of the settings */
    size_t n;
    /** The same for runs that differ in nothing but the seed: the architecture and a digest of the
     *  hyperparameters and of the numbers of clips, as in "conv-3f2a91". Owned. */
    char *group_name;
} ws_hparams_list;

/**
 * Of every setting that is a hyperparameter its value. Two are comma lists, a part for each phase
 * of training, which the page could neither sort nor draw along an axis. They become numbers:
 *
 *     learning_rate                  in the first phase
 *     learning_rate_last             in the last one
 *     how_many_training_steps        of all phases together
 *     how_many_training_steps_first  of the first one
 *
 * @param list      set; ws_hparams_list_deinit() it, after a failure too
 * @param settings  [n_settings] borrowed until the list's end
 * @param n_clips   [WS_N_REPORT_PLACES] of each set of the run; NULL: not known, which gives the
 *                  group another name
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_hparams_list_init(ws_hparams_list *list, const ws_setting *settings,
                                             size_t n_settings, const size_t *n_clips,
                                             ws_error *err);
void ws_hparams_list_deinit(ws_hparams_list *list);

#endif
