#include "train/evaluate.h"

#include "train/pace.h"
#include "train/sets.h"

static void show_progress(const ws_run *run, ws_pace *pace, ws_set set, size_t n_done)
{
    const char *activity = set == WS_SET_TESTING ? "test" : "validation";
    const size_t n_clips = ws_index_n_clips(run->index, set);
    const ws_train_progress progress = ws_pace_push(
        pace, activity, (int64_t)(n_done < n_clips ? n_done : n_clips), (int64_t)n_clips);
    if (run->hooks->show_progress != NULL)
        run->hooks->show_progress(run->hooks->user, &progress);
}

/** Up to a batch of clips from offset on. @return WS_OK with *n_seen moved on by those read */
static ws_status run_batch(ws_run *run, ws_set set, size_t offset, size_t *n_seen, ws_error *err)
{
    float *logits = run->evaluated.logits + *n_seen * run->labels.n_items;
    ws_evaluation_rows rows = {
        .features = run->batch_features,
        .labels = run->evaluated.labels + *n_seen,
        .entries = run->evaluated.entries + *n_seen,
    };
    const ws_status status =
        ws_source_read_evaluation(run->source, set, offset, run->batch_size, &rows, err);
    if (status != WS_OK)
        return status;
    ws_network_predict(run->network, run->batch_features, rows.n, logits);
    ws_confusion_push(run->confusion, logits, rows.labels, rows.n);
    *n_seen += rows.n;
    return WS_OK;
}

/** The evaluation after the last step, as one of those of its set in the run. */
static ws_evaluation begin_evaluation(const ws_run *run, ws_set set)
{
    const int64_t interval = run->options.eval_step_interval;
    ws_evaluation evaluation = {
        .place = ws_place_of_set(set), .step = run->last_step, .number = 1, .n_planned = 1};

    if (set == WS_SET_VALIDATION) { /* the last one may come before its interval is over */
        evaluation.number = (run->last_step + interval - 1) / interval;
        evaluation.n_planned =
            (ws_schedule_last_step(&run->recipe.schedule) + interval - 1) / interval;
    }
    evaluation.is_last = evaluation.number == evaluation.n_planned;
    return evaluation;
}

/** Once through the set, with the weights that the network has. @param n_seen  set: clips read */
static ws_status run_set(ws_run *run, ws_set set, size_t *n_seen, bool *is_complete, ws_error *err)
{
    const size_t n_clips = ws_index_n_clips(run->index, set);
    ws_pace pace;

    *n_seen = 0;
    ws_confusion_reset(run->confusion);
    ws_pace_init(&pace, 0);
    for (size_t offset = 0; offset < n_clips; offset += run->batch_size) {
        if (ws_run_stop_wanted(run)) {
            *is_complete = false;
            break;
        }
        const ws_status status = run_batch(run, set, offset, n_seen, err);
        if (status != WS_OK)
            return status;
        show_progress(run, &pace, set, offset + run->batch_size);
    }
    return WS_OK;
}

/** Exchanges the network's weights and their averages. */
static void swap_averages(ws_run *run)
{
    float *weights = ws_network_parameters(run->network);

    for (size_t i = 0; i < run->graph.n_weights; i++) {
        const float weight = weights[i];
        weights[i] = run->averages[i];
        run->averages[i] = weight;
    }
}

ws_status ws_evaluate(ws_run *run, ws_set set, ws_evaluation *evaluation, bool *is_complete,
                      ws_error *err)
{
    const bool has_averages = run->averages != NULL;
    double raw_accuracy = 0.0;
    size_t n_seen = 0;
    ws_status status = WS_OK;

    *is_complete = true;
    if (has_averages) {
        status = run_set(run, set, &n_seen, is_complete, err);
        raw_accuracy = ws_confusion_accuracy(run->confusion);
        swap_averages(run);
    }
    if (status == WS_OK && *is_complete)
        status = run_set(run, set, &n_seen, is_complete, err);
    if (has_averages)
        swap_averages(run);
    if (status != WS_OK)
        return status;
    *evaluation = begin_evaluation(run, set);
    evaluation->is_of_average = has_averages;
    evaluation->raw_accuracy = raw_accuracy;
    evaluation->confusion = run->confusion;
    evaluation->n_clips = n_seen;
    evaluation->entries = run->evaluated.entries;
    evaluation->labels = run->evaluated.labels;
    evaluation->logits = run->evaluated.logits;
    if (n_seen > 0)
        evaluation->cross_entropy =
            ws_cross_entropy(evaluation->logits, evaluation->labels, n_seen, run->labels.n_items);
    return WS_OK;
}
