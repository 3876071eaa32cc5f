#include "train/recipe.h"

#include <stdlib.h>

/** Fails if a flag of the loss has no effect on it. */
static ws_status check_targets(const ws_train_options *options, ws_error *err)
{
    if (options->distill[0] != '\0' && options->distill_share >= 1 && options->label_smoothing > 0)
        return ws_fail(err, WS_EUSAGE,
                       "--label_smoothing=%g has no effect with --distill_share=1, which leaves "
                       "the labels out; expected a smaller share",
                       options->label_smoothing);
    return WS_OK;
}

ws_status ws_recipe_init(ws_recipe *recipe, const ws_train_options *options, ws_error *err)
{
    *recipe = (ws_recipe){
        .hyper =
            {
                .momentum = (float)options->momentum,
                .beta1 = (float)options->adam_beta1,
                .beta2 = (float)options->adam_beta2,
                .epsilon = (float)options->adam_epsilon,
                .weight_decay = (float)options->weight_decay,
            },
    };
    ws_status status = ws_schedule_init(&recipe->schedule,
                                        &(ws_schedule_options){
                                            .kind = options->schedule,
                                            .steps = options->how_many_training_steps,
                                            .epochs = options->epochs,
                                            .rates = options->learning_rate,
                                            .warmup = options->warmup,
                                        },
                                        err);
    if (status == WS_OK)
        status = ws_optimizer_find(options->optimizer, &recipe->optimizer, err);
    return status == WS_OK ? check_targets(options, err) : status;
}

/** Whether a parameter is a bias, or the scale or offset of a normalisation. */
static bool is_spared(const ws_graph *graph, size_t parameter)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_node *node = &graph->nodes[i];
        for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
            if (node->parameters[slot] == (int)parameter)
                return node->kind == WS_OP_BIAS_ADD || node->kind == WS_OP_BATCH_NORM;
    }
    return false;
}

ws_status ws_recipe_find_decayed(const ws_graph *graph, ws_span **spans, size_t *n, ws_error *err)
{
    *n = 0;
    *spans = calloc(graph->n_parameters + 1, sizeof **spans);
    if (*spans == NULL)
        return ws_fail_memory(err, "the list of weights that decay");
    for (size_t p = 0; p < graph->n_parameters; p++) {
        const ws_variable *parameter = &graph->parameters[p];
        if (!is_spared(graph, p))
            (*spans)[(*n)++] = (ws_span){parameter->offset, parameter->offset + parameter->size};
    }
    return WS_OK;
}
