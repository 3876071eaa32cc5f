#include "train/step.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "metrics/norm.h"
#include "optim/ema.h"
#include "train/together.h"

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

/** Reads rows of a batch and says what they should come to. */
static ws_status read_rows(ws_run *run, int64_t step, size_t first, ws_batch *read, ws_error *err)
{
    float *features = run->batch_features + first * run->feature_settings.size;
    int32_t *labels = run->batch_labels + first;

    if (ws_run_is_wake(run)) { /* all rows: which are hard shows only among all */
        ws_wake_batches_read(run->wake.batches, (uint64_t)step, run->network, features, labels,
                             read);
        return WS_OK;
    }
    const ws_status status =
        ws_source_read_training(run->source, (uint64_t)step, first, read->n, features, labels, err);
    if (status == WS_OK)
        ws_targets_set(run->targets, step, read);
    return status;
}

/**
 * The batch of a step, as far as this rank reads it. A row that is read lies at its place in the
 * run's arrays.
 *
 * @param read  set: what was read, with its targets
 * @param own   set: those of its rows that the network gets
 */
static ws_status read_batch(ws_run *run, bool wants_all, int64_t step, ws_batch *read,
                            ws_batch *own, ws_error *err)
{
    const size_t size = run->feature_settings.size, n_labels = run->labels.n_items;
    const ws_network_rows rows = ws_network_share(run->network, run->batch_size);
    const size_t first = wants_all ? 0 : rows.first, skipped = rows.first - first;

    *read = (ws_batch){
        .features = run->batch_features + first * size,
        .labels = run->batch_labels + first,
        .n = wants_all ? run->batch_size : rows.n,
        .dropout = {.rate = dropout_rate,
                    .seed = (uint64_t)run->options.seed,
                    .step = (uint64_t)step},
    };
    const ws_status status = read_rows(run, step, first, read, err);
    if (status != WS_OK)
        return status;
    *own = *read;
    own->features += skipped * size;
    own->labels += skipped;
    if (own->targets.shares != NULL)
        own->targets.shares += skipped * n_labels;
    if (own->targets.teacher != NULL)
        own->targets.teacher += skipped * n_labels;
    if (own->targets.weights != NULL)
        own->targets.weights += skipped;
    own->n = rows.n;
    own->first = rows.first;
    own->n_all = run->batch_size;
    return WS_OK;
}

ws_status ws_step_run(ws_run *run, ws_step_check *check, int64_t step, ws_report_step *figures,
                      bool *stopped, ws_error *err)
{
    const double rate = ws_schedule_rate(&run->recipe.schedule, step);
    const double start = ws_clock_monotonic();
    const ws_ranks_traffic before = ws_ranks_get_traffic(run->ranks);
    const bool wants_all =
        check != NULL || ws_run_is_wake(run) || ws_targets_need_all_rows(run->targets);
    ws_batch read, own;

    *stopped = ws_run_stop_wanted(run);
    if (run->ranks == NULL && *stopped)
        return WS_OK;
    ws_status status = read_batch(run, wants_all, step, &read, &own, err);
    const double input_end = ws_clock_monotonic();
    status = ws_ranks_agree(run->ranks, status, stopped, err);
    if (status != WS_OK || *stopped)
        return status;
    if (check != NULL)
        ws_step_check_begin(check);
    const double loss = ws_network_train(run->network, &own, run->logits);
    if (!wants_all)
        ws_network_gather(run->network, run->batch_size, run->batch_labels,
                          sizeof *run->batch_labels);
    status = ws_ranks_check(run->ranks, err);
    if (status == WS_OK)
        status = check_loss(run, check, step, &read, loss, err);
    const double wait_seconds = ws_together_find_wait(run, &before);
    const double update_start = ws_clock_monotonic();
    if (status == WS_OK)
        status = update(run, check, step, rate, err);
    const double update_end = ws_clock_monotonic();
    if (status != WS_OK)
        return status;
    ws_confusion_reset(run->confusion);
    ws_run_push_confusion(run, run->logits, run->batch_labels, run->batch_size);
    *figures = (ws_report_step){
        .step = step,
        .rate = rate,
        .accuracy = ws_confusion_accuracy(run->confusion),
        .cross_entropy = loss,
        .seconds = ws_clock_monotonic() - start,
        .input_seconds = input_end - start,
        .update_seconds = update_end - update_start,
        .n_ranks = ws_ranks_count(run->ranks),
        .wait_seconds = wait_seconds,
    };
    if (run->observed != NULL)
        ws_observed_time_step(run->observed, figures);
    return WS_OK;
}
