#include "train/evaluate.h"

#include <math.h>
#include <string.h>

#include "train/pace.h"
#include "train/sets.h"
#include "train/together.h"

static void show_progress(const ws_run *run, ws_pace *pace, ws_set set, size_t n_done)
{
    const char *activity = set == WS_SET_TESTING ? "test" : "validation";
    const size_t n_clips = ws_run_n_clips(run, set);
    const ws_train_progress progress = ws_pace_push(
        pace, activity, (int64_t)(n_done < n_clips ? n_done : n_clips), (int64_t)n_clips);
    if (run->hooks->show_progress != NULL)
        run->hooks->show_progress(run->hooks->user, &progress);
}

/** A round of an evaluation: each rank takes one batch of neighbouring clips. Rows lie at their
 *  clips' places in run->evaluated until the round is over. */
typedef struct round_of_clips {
    ws_set set;
    size_t first, n_clips; /* of all ranks together */
} round_of_clips;

typedef struct clip_range {
    size_t begin, end; /* of the round's clips */
} clip_range;

/** What a rank has of a round. */
static clip_range batch_of(const ws_run *run, const round_of_clips *round, size_t rank)
{
    const size_t begin = rank * run->batch_size, end = begin + run->batch_size;
    return (clip_range){begin < round->n_clips ? begin : round->n_clips,
                        end < round->n_clips ? end : round->n_clips};
}

/** This rank's batch. */
static ws_status run_batch(ws_run *run, const round_of_clips *round, ws_error *err)
{
    const size_t rank = ws_ranks_rank(run->ranks);
    const clip_range batch = batch_of(run, round, rank);
    const size_t at = round->first + batch.begin;
    ws_evaluation_rows rows = {
        .features = run->batch_features,
        .labels = run->evaluated.labels + at,
        .entries = run->evaluated.entries + at,
    };

    run->evaluated.counts[rank] = 0;
    if (batch.begin == batch.end)
        return WS_OK;
    const ws_status status =
        ws_source_read_evaluation(run->source, round->set, at, run->batch_size, &rows, err);
    if (status != WS_OK)
        return status;
    ws_network_predict(run->network, run->batch_features, rows.n,
                       run->evaluated.logits + at * run->labels.n_items);
    run->evaluated.counts[rank] = rows.n;
    return WS_OK;
}

/** All ranks get the rows of all. @param n_bytes  of a row */
static void gather_rows(ws_run *run, const round_of_clips *round, void *array, size_t n_bytes)
{
    unsigned char *bytes = array;

    for (size_t r = 0; r < ws_ranks_count(run->ranks); r++)
        run->evaluated.ends[r] = batch_of(run, round, r).end * n_bytes;
    ws_ranks_gather(run->ranks, bytes + round->first * n_bytes, run->evaluated.ends);
}

static void gather_round(ws_run *run, const round_of_clips *round)
{
    for (size_t r = 0; r < ws_ranks_count(run->ranks); r++)
        run->evaluated.ends[r] = (r + 1) * sizeof *run->evaluated.counts;
    ws_ranks_gather(run->ranks, run->evaluated.counts, run->evaluated.ends);
    gather_rows(run, round, run->evaluated.labels, sizeof *run->evaluated.labels);
    gather_rows(run, round, run->evaluated.entries, sizeof *run->evaluated.entries);
    gather_rows(run, round, run->evaluated.logits,
                run->labels.n_items * sizeof *run->evaluated.logits);
}

/** The rows of a round move up to those before: broken clips have left gaps. */
static void close_gaps(ws_run *run, const round_of_clips *round, size_t *n_seen)
{
    const size_t n_labels = run->labels.n_items;

    for (size_t r = 0; r < ws_ranks_count(run->ranks); r++) {
        const size_t from = round->first + batch_of(run, round, r).begin, to = *n_seen;
        const size_t n = run->evaluated.counts[r];
        memmove(run->evaluated.labels + to, run->evaluated.labels + from,
                n * sizeof *run->evaluated.labels);
        memmove(run->evaluated.entries + to, run->evaluated.entries + from,
                n * sizeof *run->evaluated.entries);
        memmove(run->evaluated.logits + to * n_labels, run->evaluated.logits + from * n_labels,
                n * n_labels * sizeof *run->evaluated.logits);
        *n_seen += n;
    }
}

/** A batch of clips on each rank. @param n_seen  moved on by those read */
static ws_status run_round(ws_run *run, const round_of_clips *round, size_t *n_seen,
                           bool *is_stopped, ws_error *err)
{
    const size_t before = *n_seen;
    ws_status status = WS_OK;

    if (run->ranks == NULL && *is_stopped)
        return WS_OK;
    status = run_batch(run, round, err);
    status = ws_ranks_agree(run->ranks, status, is_stopped, err);
    if (status != WS_OK || *is_stopped)
        return status;
    gather_round(run, round);
    status = ws_ranks_check(run->ranks, err);
    if (status != WS_OK)
        return status;
    close_gaps(run, round, n_seen);
    ws_confusion_push(run->confusion, run->evaluated.logits + before * run->labels.n_items,
                      run->evaluated.labels + before, *n_seen - before);
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

/** The recordings of a wake word: what counts is the best moment of each. */
static ws_status run_wake(ws_run *run, size_t *n_seen, ws_error *err)
{
    static const float least = 1e-6f; /* of a score, so that its logit is finite */
    const ws_wake_set *set = run->wake.set;
    const ws_status status =
        ws_wake_set_run(run->wake.set, ws_network_parameters(run->network),
                        ws_network_states(run->network), &run->evaluated.det, err);

    *n_seen = 0;
    ws_confusion_reset(run->confusion);
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < ws_wake_set_n(set); i++) {
        const ws_wake_piece piece = ws_wake_set_get(set, i);
        const float score = fminf(fmaxf(piece.best, least), 1.0f - least);
        run->evaluated.entries[i] = i;
        run->evaluated.labels[i] = piece.is_phrase;
        run->evaluated.logits[2 * i] = 0.0f;
        run->evaluated.logits[2 * i + 1] = logf(score / (1.0f - score));
    }
    *n_seen = ws_wake_set_n(set);
    ws_confusion_push(run->confusion, run->evaluated.logits, run->evaluated.labels, *n_seen);
    return WS_OK;
}

/** Once through the set, with the weights that the network has. @param n_seen  set: clips read */
static ws_status run_set(ws_run *run, ws_set set, size_t *n_seen, bool *is_complete, ws_error *err)
{
    const size_t n_clips = ws_run_n_clips(run, set);
    const size_t n_round = run->batch_size * ws_ranks_count(run->ranks);
    ws_pace pace;

    if (ws_run_is_wake(run) && n_clips > 0)
        return run_wake(run, n_seen, err);
    *n_seen = 0;
    ws_confusion_reset(run->confusion);
    ws_pace_init(&pace, 0);
    for (size_t first = 0; first < n_clips; first += n_round) {
        const size_t left = n_clips - first;
        const round_of_clips round = {set, first, left < n_round ? left : n_round};
        bool is_stopped = ws_run_stop_wanted(run);
        const ws_status status = run_round(run, &round, n_seen, &is_stopped, err);
        if (status != WS_OK)
            return status;
        if (is_stopped) {
            *is_complete = false;
            break;
        }
        show_progress(run, &pace, set, first + n_round);
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
    ws_together_share_clips(run);
    *evaluation = begin_evaluation(run, set);
    evaluation->is_of_average = has_averages;
    evaluation->raw_accuracy = raw_accuracy;
    evaluation->confusion = run->confusion;
    evaluation->n_clips = n_seen;
    evaluation->entries = run->evaluated.entries;
    evaluation->labels = run->evaluated.labels;
    evaluation->logits = run->evaluated.logits;
    if (n_seen > 0)
        evaluation->cross_entropy = ws_cross_entropy(evaluation->logits, evaluation->labels, n_seen,
                                                     run->confusion->n_labels);
    evaluation->det = ws_run_is_wake(run) && n_seen > 0 ? &run->evaluated.det : NULL;
    return WS_OK;
}
