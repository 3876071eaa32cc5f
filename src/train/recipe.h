/** What the options say about steps: how far weights move in each, and by which rule. */
#ifndef WS_TRAIN_RECIPE_H
#define WS_TRAIN_RECIPE_H

#include "nn/graph.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "settings/train_options.h"

typedef struct ws_recipe {
    ws_schedule schedule;
    const ws_optimizer *optimizer;
    ws_hyper hyper;
} ws_recipe;

/**
 * Reads the options.
 *
 * @return WS_OK; WS_EUSAGE naming a flag that is wrong, or that has no effect together with another
 */
WS_MUST_CHECK ws_status ws_recipe_init(ws_recipe *recipe, const ws_train_options *options,
                                       ws_error *err);

/**
 * The weights that --weight_decay applies to: all but those of biases and normalisation, where
 * decay shifts outputs instead of making the model simpler.
 *
 * @param spans  set to [n] in rising order (free())
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_recipe_find_decayed(const ws_graph *graph, ws_span **spans, size_t *n,
                                               ws_error *err);

#endif
