#include "recognize/smoother.h"

#include <stdlib.h>
#include <string.h>

/** The windows of the last window_ms, oldest first, in a ring buffer. */
struct ws_smoother {
    ws_smoother_options options;
    int64_t *times_ms; /* [capacity] owned */
    float *scores;     /* [capacity, n_labels] owned */
    double *averages;  /* [n_labels] owned */
    size_t capacity, first, n;
    size_t said;   /* the label that was reported last; at first silence */
    bool has_said; /* whether one was */
    int64_t said_at_ms;
};

ws_status ws_smoother_create(const ws_smoother_options *options, ws_smoother **smoother,
                             ws_error *err)
{
    *smoother = NULL;
    ws_smoother *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a smoother of scores");
    made->options = *options;
    made->said = options->silence;
    made->averages = calloc(options->n_labels, sizeof *made->averages);
    if (made->averages == NULL) {
        ws_smoother_destroy(made);
        return ws_fail_memory(err, "a smoother of scores");
    }
    *smoother = made;
    return WS_OK;
}

void ws_smoother_destroy(ws_smoother *smoother)
{
    if (smoother == NULL)
        return;
    free(smoother->times_ms);
    free(smoother->scores);
    free(smoother->averages);
    free(smoother);
}

/** The position of the i-th oldest window. */
static size_t place_of(const ws_smoother *smoother, size_t i)
{
    return (smoother->first + i) % smoother->capacity;
}

ws_status ws_smoother_reserve(ws_smoother *smoother, size_t n, ws_error *err)
{
    const size_t n_labels = smoother->options.n_labels;
    const size_t capacity = n;

    if (capacity <= smoother->capacity)
        return WS_OK;
    int64_t *times_ms = calloc(capacity, sizeof *times_ms);
    float *scores = calloc(capacity * n_labels, sizeof *scores);

    if (times_ms == NULL || scores == NULL) {
        free(times_ms);
        free(scores);
        return ws_fail_memory(err, "scores of a stream");
    }
    for (size_t i = 0; i < smoother->n; i++) {
        const size_t from = place_of(smoother, i);
        times_ms[i] = smoother->times_ms[from];
        memcpy(scores + i * n_labels, smoother->scores + from * n_labels,
               n_labels * sizeof *scores);
    }
    free(smoother->times_ms);
    free(smoother->scores);
    smoother->times_ms = times_ms;
    smoother->scores = scores;
    smoother->capacity = capacity;
    smoother->first = 0;
    return WS_OK;
}

void ws_smoother_reset(ws_smoother *smoother)
{
    smoother->first = 0;
    smoother->n = 0;
    smoother->said = smoother->options.silence;
    smoother->has_said = false;
}

/** Makes room for one window more. */
static ws_status grow(ws_smoother *smoother, ws_error *err)
{
    return ws_smoother_reserve(smoother, smoother->capacity == 0 ? 64 : 2 * smoother->capacity,
                               err);
}

/** The largest average; of equal ones the first. A window's share is rounded to single precision
 *  before it is added, as in the original, so that scores are the same to the last digit. */
static size_t find_top(ws_smoother *smoother)
{
    const size_t n_labels = smoother->options.n_labels;
    size_t top = 0;

    for (size_t k = 0; k < n_labels; k++)
        smoother->averages[k] = 0.0;
    for (size_t i = 0; i < smoother->n; i++) {
        const float *scores = smoother->scores + place_of(smoother, i) * n_labels;
        for (size_t k = 0; k < n_labels; k++)
            smoother->averages[k] += (double)(scores[k] / (float)smoother->n);
    }
    for (size_t k = 1; k < n_labels; k++) {
        if (smoother->averages[k] > smoother->averages[top])
            top = k;
    }
    return top;
}

/** Whether no word was reported just before: silence suppresses nothing. */
static bool may_speak(const ws_smoother *smoother, int64_t time_ms)
{
    return !smoother->has_said || smoother->said == smoother->options.silence ||
           time_ms - smoother->said_at_ms > smoother->options.suppression_ms;
}

/** Whether the oldest window no longer counts. */
static bool is_old(const ws_smoother *smoother, int64_t time_ms)
{
    const ws_smoother_options *options = &smoother->options;

    if (options->n_last > 0)
        return smoother->n > options->n_last;
    return smoother->times_ms[smoother->first] < time_ms - options->window_ms;
}

static void note_word(ws_smoother *smoother, size_t label, int64_t time_ms)
{
    smoother->said = label;
    smoother->said_at_ms = time_ms;
    smoother->has_said = true;
}

static void find_by_average(ws_smoother *smoother, int64_t time_ms, ws_heard *heard)
{
    const ws_smoother_options *options = &smoother->options;
    const double span_ms = (double)(time_ms - smoother->times_ms[smoother->first]);

    *heard = (ws_heard){.label = smoother->said};
    if (smoother->n < options->min_count || span_ms < (double)options->window_ms / 4.0)
        return;
    heard->label = find_top(smoother);
    heard->score = smoother->averages[heard->label];
    heard->is_new = heard->score > options->threshold && heard->label != smoother->said &&
                    may_speak(smoother, time_ms);
    if (heard->is_new)
        note_word(smoother, heard->label, time_ms);
}

/** The word with the largest mean; of equal ones the first. Silence if the model has no words. */
static size_t find_top_word(const ws_smoother *smoother, double *mean)
{
    const ws_smoother_options *options = &smoother->options;
    size_t top = options->silence;

    *mean = 0.0;
    for (size_t k = 0; k < options->n_labels; k++) {
        double sum = 0.0;
        if (k == options->silence || k == options->unknown)
            continue;
        for (size_t i = 0; i < smoother->n; i++)
            sum += (double)smoother->scores[place_of(smoother, i) * options->n_labels + k];
        if (top == options->silence || sum / (double)smoother->n > *mean) {
            top = k;
            *mean = sum / (double)smoother->n;
        }
    }
    return top;
}

static void find_by_mean(ws_smoother *smoother, int64_t time_ms, ws_heard *heard)
{
    const ws_smoother_options *options = &smoother->options;

    *heard = (ws_heard){.label = options->silence};
    if (smoother->n < options->n_last)
        return;
    heard->label = find_top_word(smoother, &heard->score);
    const bool is_quiet_time =
        smoother->has_said && time_ms - smoother->said_at_ms <= options->suppression_ms;
    heard->is_new =
        heard->label < options->n_labels && heard->score > options->threshold && !is_quiet_time;
    if (heard->is_new) {
        note_word(smoother, heard->label, time_ms);
        smoother->n = 0;
    }
}

ws_status ws_smoother_push(ws_smoother *smoother, const float *scores, int64_t time_ms,
                           ws_heard *heard, ws_error *err)
{
    const ws_smoother_options *options = &smoother->options;

    if (smoother->n > 0 && time_ms < smoother->times_ms[smoother->first])
        return ws_fail(err, WS_EINVAL,
                       "scores must come in increasing time order, but those of %lld ms came after "
                       "those of %lld ms",
                       (long long)time_ms, (long long)smoother->times_ms[smoother->first]);
    if (smoother->n == smoother->capacity) {
        const ws_status status = grow(smoother, err);
        if (status != WS_OK)
            return status;
    }
    const size_t at = place_of(smoother, smoother->n++);
    smoother->times_ms[at] = time_ms;
    memcpy(smoother->scores + at * options->n_labels, scores, options->n_labels * sizeof *scores);
    while (is_old(smoother, time_ms)) {
        smoother->first = place_of(smoother, 1);
        smoother->n--;
    }
    if (options->n_last > 0)
        find_by_mean(smoother, time_ms, heard);
    else
        find_by_average(smoother, time_ms, heard);
    return WS_OK;
}
