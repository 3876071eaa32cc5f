/* libwordspot: sound in, words out. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "dataset/labels.h"
#include "recognize/wordspot_state.h"

void wordspot_reset(wordspot *spotter)
{
    ws_spotter_reset(spotter->spotter);
    ws_smoother_reset(spotter->smoother);
    if (spotter->converter != NULL)
        ws_polyphase_reset(spotter->converter);
    spotter->n_pushed = 0;
    spotter->n_given = 0;
    spotter->is_finished = false;
    spotter->first_waiting = spotter->n_waiting = 0;
    spotter->n_lost = 0;
}

static void keep(wordspot *spotter, const wordspot_heard *heard)
{
    if (spotter->n_waiting == WORDSPOT_MAX_WAITING) {
        spotter->first_waiting = (spotter->first_waiting + 1) % WORDSPOT_MAX_WAITING;
        spotter->n_waiting--;
        spotter->n_lost++;
    }
    spotter->waiting[(spotter->first_waiting + spotter->n_waiting++) % WORDSPOT_MAX_WAITING] =
        *heard;
}

static void report(wordspot *spotter, const ws_heard *word, uint64_t first_sample)
{
    const int rate_hz = spotter->model_rate_hz;
    const double end_s = ws_wordspot_seconds(first_sample + spotter->window, rate_hz);
    const double pushed_s = ws_wordspot_seconds(spotter->n_pushed, spotter->options.rate_hz);
    const wordspot_heard heard = {
        .word = spotter->labels.items[word->label],
        .label = word->label,
        .score = word->score,
        .start_s = ws_wordspot_seconds(first_sample, rate_hz),
        .end_s = end_s,
        .latency_s = pushed_s > end_s ? pushed_s - end_s : 0.0,
        .is_unknown = word->label == spotter->unknown,
    };

    if (spotter->options.on_heard != NULL)
        spotter->options.on_heard(spotter->options.user, &heard);
    else
        keep(spotter, &heard);
}

/** A window was judged. */
static void see(void *user, const float *scores, uint64_t first_sample)
{
    wordspot *spotter = user;
    const wordspot_options *options = &spotter->options;
    const uint64_t rate_hz = (uint64_t)spotter->model_rate_hz;
    ws_heard word;

    if (spotter->clip_scores != NULL) {
        memcpy(spotter->clip_scores, scores, spotter->labels.n_items * sizeof *scores);
        return;
    }
    if (options->on_scores != NULL)
        options->on_scores(options->user, scores, ws_wordspot_seconds(first_sample, (int)rate_hz),
                           ws_wordspot_seconds(first_sample + spotter->window, (int)rate_hz));
    /* times rise, and there is room: it cannot fail */
    const ws_status status = ws_smoother_push(
        spotter->smoother, scores, (int64_t)(first_sample * 1000 / rate_hz), &word, NULL);
    assert(status == WS_OK);
    if (status == WS_OK && word.is_new &&
        strcmp(spotter->labels.items[word.label], WS_LABEL_SILENCE) != 0)
        report(spotter, &word, first_sample);
}

/** Samples at the model's rate. */
static ws_status give(wordspot *spotter, const float *samples, size_t n, ws_error *err)
{
    if (spotter->clip_scores != NULL) { /* of a clip only as much as a window has */
        const size_t left = spotter->window - spotter->n_given;
        n = n < left ? n : left;
        spotter->n_given += n;
    }
    return ws_spotter_push(spotter->spotter, samples, n, see, spotter, err);
}

/** Takes a block of one channel. A fault in scores does not end it: the first one is kept. */
static ws_status take_block(wordspot *spotter, size_t n, ws_error *err)
{
    ws_status status = WS_OK;
    size_t n_used, n_done;

    if (spotter->converter == NULL)
        return give(spotter, spotter->in, n, err);
    for (size_t at = 0; at < n; at += n_used) {
        n_done = ws_polyphase_run(spotter->converter,
                                  &(ws_polyphase_job){.in = spotter->in + at,
                                                      .n_in = n - at,
                                                      .out = spotter->converted,
                                                      .n_out = WS_WORDSPOT_BLOCK},
                                  &n_used);
        const ws_status own =
            give(spotter, spotter->converted, n_done, status == WS_OK ? err : NULL);
        status = status == WS_OK ? own : status;
    }
    return status;
}

/** What was pushed: one of them is NULL. */
typedef struct pushed {
    const float *floats;
    const int16_t *int16s;
    size_t n_frames;
} pushed;

/** The channel that is listened to, of n frames. */
static void copy_channel(wordspot *spotter, const pushed *sound, size_t first, size_t n)
{
    const size_t step = (size_t)spotter->options.n_channels;
    const size_t from = first * step + (size_t)spotter->options.channel;

    if (sound->floats != NULL)
        for (size_t i = 0; i < n; i++)
            spotter->in[i] = sound->floats[from + i * step];
    else
        for (size_t i = 0; i < n; i++)
            spotter->in[i] = (float)sound->int16s[from + i * step] * (1.0f / 32768.0f);
}

/** Nothing is taken of sound with a sample that is not finite. */
static ws_status check_finite(const wordspot *spotter, const pushed *sound, ws_error *err)
{
    const size_t step = (size_t)spotter->options.n_channels;

    for (size_t i = 0; sound->floats != NULL && i < sound->n_frames; i++)
        if (!isfinite(sound->floats[i * step + (size_t)spotter->options.channel]))
            return ws_fail(err, WS_ENUMERIC, "sample %zu of %zu is not a finite number", i,
                           sound->n_frames);
    return WS_OK;
}

static ws_status take(wordspot *spotter, const pushed *sound, ws_error *err)
{
    ws_status status = check_finite(spotter, sound, err);

    if (status != WS_OK)
        return status;
    spotter->n_pushed += sound->n_frames;
    for (size_t at = 0; at < sound->n_frames; at += WS_WORDSPOT_BLOCK) {
        const size_t left = sound->n_frames - at,
                     n = left < WS_WORDSPOT_BLOCK ? left : WS_WORDSPOT_BLOCK;
        copy_channel(spotter, sound, at, n);
        const ws_status own = take_block(spotter, n, status == WS_OK ? err : NULL);
        status = status == WS_OK ? own : status;
    }
    return status;
}

/** What the converter has held back. */
static ws_status take_rest(wordspot *spotter, ws_error *err)
{
    ws_status status = WS_OK;
    size_t n;

    while (spotter->converter != NULL &&
           (n = ws_polyphase_finish(spotter->converter, spotter->converted, WS_WORDSPOT_BLOCK)) >
               0) {
        const ws_status own = give(spotter, spotter->converted, n, status == WS_OK ? err : NULL);
        status = status == WS_OK ? own : status;
    }
    return status;
}

static wordspot_status push(wordspot *spotter, const pushed *sound, wordspot_error *error)
{
    ws_error err = {.status = WS_OK};
    const ws_status status =
        spotter->is_finished
            ? ws_fail(&err, WS_EINVAL,
                      "sound after wordspot_finish(): expected wordspot_reset() in between")
            : take(spotter, sound, &err);
    return ws_wordspot_pass(status, &err, error);
}

wordspot_status wordspot_push_float(wordspot *spotter, const float *samples, size_t n_frames,
                                    wordspot_error *error)
{
    return push(spotter, &(pushed){.floats = samples, .n_frames = n_frames}, error);
}

wordspot_status wordspot_push_int16(wordspot *spotter, const int16_t *samples, size_t n_frames,
                                    wordspot_error *error)
{
    return push(spotter, &(pushed){.int16s = samples, .n_frames = n_frames}, error);
}

wordspot_status wordspot_finish(wordspot *spotter, wordspot_error *error)
{
    ws_error err = {.status = WS_OK};
    const ws_status status = take_rest(spotter, &err);

    spotter->is_finished = true;
    return ws_wordspot_pass(status, &err, error);
}

int wordspot_next(wordspot *spotter, wordspot_heard *heard)
{
    if (spotter->n_waiting == 0)
        return 0;
    *heard = spotter->waiting[spotter->first_waiting];
    spotter->first_waiting = (spotter->first_waiting + 1) % WORDSPOT_MAX_WAITING;
    spotter->n_waiting--;
    return 1;
}

/** Follows a short clip with silence. */
static ws_status fill_window(wordspot *spotter, ws_error *err)
{
    ws_status status = WS_OK;

    memset(spotter->in, 0, sizeof spotter->in);
    while (status == WS_OK && spotter->n_given < spotter->window)
        status = give(spotter, spotter->in, WS_WORDSPOT_BLOCK, err);
    return status;
}

static wordspot_status label(wordspot *spotter, const pushed *sound, float *scores,
                             wordspot_error *error)
{
    ws_error err = {.status = WS_OK};

    wordspot_reset(spotter);
    spotter->clip_scores = scores;
    ws_status status = take(spotter, sound, &err);
    if (status == WS_OK)
        status = take_rest(spotter, &err);
    if (status == WS_OK)
        status = fill_window(spotter, &err);
    spotter->clip_scores = NULL;
    wordspot_reset(spotter);
    return ws_wordspot_pass(status, &err, error);
}

wordspot_status wordspot_label_float(wordspot *spotter, const float *samples, size_t n_frames,
                                     float *scores, wordspot_error *error)
{
    return label(spotter, &(pushed){.floats = samples, .n_frames = n_frames}, scores, error);
}

wordspot_status wordspot_label_int16(wordspot *spotter, const int16_t *samples, size_t n_frames,
                                     float *scores, wordspot_error *error)
{
    return label(spotter, &(pushed){.int16s = samples, .n_frames = n_frames}, scores, error);
}
