#include "train/step_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/nonfinite.h"

struct ws_step_check {
    ws_run *run;            /* borrowed */
    ws_quant_range *ranges; /* [n_quantizers] as they were before the step */
};

/* How every sentence here ends. */
#define ADVICE "a lower --learning_rate may help. Earlier checkpoints are unchanged"

ws_status ws_step_check_create(ws_step_check **check, ws_run *run, ws_error *err)
{
    const size_t n = run->graph.n_quantizers;
    ws_step_check *made = calloc(1, sizeof *made);

    if (made != NULL)
        made->ranges = calloc(n + 1, sizeof *made->ranges);
    if (made == NULL || made->ranges == NULL) {
        ws_step_check_destroy(made);
        return ws_fail_memory(err, "the check of steps");
    }
    made->run = run;
    *check = made;
    return WS_OK;
}

void ws_step_check_destroy(ws_step_check *check)
{
    if (check == NULL)
        return;
    free(check->ranges);
    free(check);
}

void ws_step_check_begin(ws_step_check *check)
{
    const size_t n = check->run->graph.n_quantizers;
    if (n > 0)
        memcpy(check->ranges, ws_network_ranges(check->run->network), n * sizeof *check->ranges);
}

/** Takes the step again and says where it went wrong. */
static ws_status explain(const ws_step_check *check, int64_t step, const ws_batch *batch,
                         ws_error *err)
{
    const ws_run *run = check->run;
    char text[WS_NONFINITE_MAX_TEXT];
    const ws_status status =
        ws_nonfinite_search(&(ws_nonfinite_step){.graph = &run->graph,
                                                 .parameters = ws_network_parameters(run->network),
                                                 .ranges = check->ranges,
                                                 .batch = batch,
                                                 .n_threads = (unsigned)run->options.threads},
                            text, err);
    if (status != WS_OK)
        return status;
    if (text[0] == '\0')
        return ws_fail(err, WS_ENUMERIC,
                       "step %lld: the cross entropy or a gradient is not finite, though all "
                       "tensors are in plain arithmetic: numbers are close to overflow; " ADVICE,
                       (long long)step);
    return ws_fail(err, WS_ENUMERIC,
                   "step %lld: the first tensor that is not finite is %s; " ADVICE, (long long)step,
                   text);
}

ws_status ws_step_check_gradients(const ws_step_check *check, int64_t step, const ws_batch *batch,
                                  double loss, ws_error *err)
{
    const ws_run *run = check->run;
    const size_t n = run->graph.n_weights;

    if (isfinite(loss) && ws_nonfinite_find(ws_network_gradients(run->network), n) == n)
        return WS_OK;
    return explain(check, step, batch, err);
}

ws_status ws_step_check_variables(const ws_step_check *check, int64_t step, ws_error *err)
{
    const ws_run *run = check->run;
    const size_t n = run->graph.n_weights;
    const float *parameters = ws_network_parameters(run->network);
    const size_t bad = ws_nonfinite_find(parameters, n);

    if (bad == n)
        return WS_OK;
    /* the update computes slots before the variable, in this order */
    const ws_optimizer *optimizer = run->recipe.optimizer;
    const float *array = parameters;
    const char *slot = NULL;
    size_t at = bad;
    for (size_t s = 0; slot == NULL && s < ws_optimizer_n_slots(optimizer); s++) {
        const size_t bad_slot = ws_nonfinite_find(run->memory.slots[s], n);
        if (bad_slot == n)
            continue;
        slot = optimizer->slots[s];
        array = run->memory.slots[s];
        at = bad_slot;
    }
    return ws_fail(err, WS_ENUMERIC,
                   "step %lld: the first tensor that is not finite is the variable \"%s%s%s\" "
                   "after the update (%f); " ADVICE,
                   (long long)step, ws_nonfinite_parameter(&run->graph, at)->name,
                   slot != NULL ? "/" : "", slot != NULL ? slot : "", (double)array[at]);
}
