#include "train/step.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "metrics/norm.h"
#include "optim/ema.h"

/* Dropped in training, as in the original, whose flags do not offer to change it. */
static const double dropout_rate = 0.5;

/** Whether a loss and its consequences are finite, so that training can continue. */
static ws_status check_loss(const ws_run *run, const ws_step_check *check, int64_t step,
                            const ws_batch *batch, double loss, ws_error *err)
{
    if (check != NULL)
        return ws_step_check_gradients(check, step, batch, loss, err);
    if (!isfinite(loss))
        return ws_fail(err, WS_ENUMERIC,
                       "step %lld: the cross entropy is %f; a lower --learning_rate than %g may "
                       "help. Earlier checkpoints are unchanged",
                       (long long)step, fabs(loss), ws_schedule_rate(&run->recipe.schedule, step));
    return WS_OK;
}

/** Moves the weights along the gradients. */
static ws_status update(ws_run *run, const ws_step_check *check, int64_t step, double rate,
                        ws_error *err)
{
    const double max_norm = run->options.clip_norm;
    ws_update one = {
        .weights = ws_network_parameters(run->network),
        .gradients = ws_network_gradients(run->network),
        .powers = run->memory.powers,
        .n = run->graph.n_weights,
        .rate = (float)rate,
        .scale = 1.0f,
        .hyper = &run->recipe.hyper,
        .decayed = run->decayed,
        .n_decayed = run->n_decayed,
    };

    memcpy(one.slots, run->memory.slots, sizeof one.slots);
    if (max_norm > 0)
        one.scale = ws_clip_scale(ws_norm_get(one.gradients, one.n), max_norm);
    ws_optimizer_run(run->recipe.optimizer, &one, (unsigned)run->options.threads);
    if (run->averages != NULL)
        ws_ema_run(run->averages, one.weights, one.n, ws_ema_get_decay(run->options.ema, step),
                   (unsigned)run->options.threads);
    return check != NULL ? ws_step_check_variables(check, step, err) : WS_OK;
}

ws_status ws_step_run(ws_run *run, ws_step_check *check, int64_t step, ws_report_step *figures,
                      ws_error *err)
{
    const double rate = ws_schedule_rate(&run->recipe.schedule, step);
    const double start = ws_clock_monotonic();
    ws_batch batch = {
        .features = run->batch_features,
        .labels = run->batch_labels,
        .n = run->batch_size,
        .dropout = {.rate = dropout_rate,
                    .seed = (uint64_t)run->options.seed,
                    .step = (uint64_t)step},
    };
    ws_status status = ws_source_read_training(run->source, (uint64_t)step, run->batch_size,
                                               run->batch_features, run->batch_labels, err);
    if (status != WS_OK)
        return status;
    ws_targets_set(run->targets, step, &batch);
    const double input_end = ws_clock_monotonic();
    if (check != NULL)
        ws_step_check_begin(check);
    const double loss = ws_network_train(run->network, &batch, run->logits);
    status = check_loss(run, check, step, &batch, loss, err);
    const double update_start = ws_clock_monotonic();
    if (status == WS_OK)
        status = update(run, check, step, rate, err);
    const double update_end = ws_clock_monotonic();
    if (status != WS_OK)
        return status;
    ws_confusion_reset(run->confusion);
    ws_confusion_push(run->confusion, run->logits, run->batch_labels, run->batch_size);
    *figures = (ws_report_step){
        .step = step,
        .rate = rate,
        .accuracy = ws_confusion_accuracy(run->confusion),
        .cross_entropy = loss,
        .seconds = ws_clock_monotonic() - start,
        .input_seconds = input_end - start,
        .update_seconds = update_end - update_start,
    };
    ws_observed_time_step(run->observed, figures);
    return WS_OK;
}
