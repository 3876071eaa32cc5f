#include "train/wake_set.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "dataset/augment.h"
#include "recognize/scorer.h"

/* Sound after a phrase, so that late detections count, and before it, besides the first window, so
 * that features adapt. */
static const double lead_seconds = 0.5, tail_seconds = 1.0;
static const double noise_db = 10.0;

typedef struct piece {
    size_t recording; /* of the source */
    bool is_phrase, is_noisy;
    size_t lead, n_samples; /* zeros before it; with them and those after it */
    size_t noise, noise_at; /* recording of noise, and where it starts; it is repeated */
    float noise_gain;
    size_t first, n_scores; /* of the frames */
    float best;
    size_t best_end; /* the sample after the call with the best mean */
} piece;

struct ws_wake_set {
    ws_wake_set_options options;
    ws_frozen model; /* of the options; its numbers are those of an evaluation, borrowed */
    ws_det_rule rule;
    piece *pieces; /* [n] */
    size_t n, n_phrases;
    size_t call_size, stride, n_blind;
    float *frames;                  /* [all scores, call_size] */
    size_t max_samples, max_scores; /* of a piece */
    float *scores, *means;          /* [n_threads, max_scores] */
    ws_scorer **scorers;            /* [n_threads], NULL between evaluations */
};

static bool is_used(const ws_wake_recording *r)
{
    return r->kind == WS_WAKE_POSITIVE || r->kind == WS_WAKE_SPEECH;
}

static double find_power(const int16_t *samples, size_t n, ws_cpu_level level)
{
    return ws_samples_get_power(&(ws_samples){.int16 = samples, .n = n}, level);
}

/** Draws the noise of a piece: its gain makes it noise_db quieter than the speech. */
static void draw_noise(const ws_wake_set *set, size_t number, const ws_wake_recording *r, piece *p)
{
    const ws_wake_source *source = set->options.source;
    const ws_cpu_level level = set->options.window->level;
    size_t n_noises = 0;
    ws_random random;

    for (size_t i = 0; i < ws_wake_source_n_recordings(source); i++)
        n_noises += ws_wake_source_recording(source, i).kind == WS_WAKE_NOISE;
    ws_random_init(&random, set->options.seed, WS_RANDOM_WAKE_SET, 0, (uint32_t)number);
    p->is_noisy = n_noises > 0;
    if (n_noises == 0)
        return;
    size_t wanted = ws_random_below(&random, (uint32_t)n_noises);
    for (p->noise = 0;; p->noise++)
        if (ws_wake_source_recording(source, p->noise).kind == WS_WAKE_NOISE && wanted-- == 0)
            break;
    const ws_wake_recording noise = ws_wake_source_recording(source, p->noise);
    p->noise_at = ws_random_below(&random, (uint32_t)noise.n_samples);
    const double speech = find_power(r->samples + r->start, r->end - r->start, level);
    const double power = find_power(noise.samples, noise.n_samples, level);
    p->noise_gain = power > 0.0 ? (float)sqrt(speech / power * pow(10.0, -noise_db / 10.0)) : 0.0f;
}

/** @param samples  [n_samples of the piece] filled */
static void make_samples(const ws_wake_set *set, const piece *p, float *samples)
{
    const ws_wake_recording r = ws_wake_source_recording(set->options.source, p->recording);
    const float scale = 1.0f / 32768.0f;

    memset(samples, 0, p->n_samples * sizeof *samples);
    for (size_t i = 0; i < r.n_samples; i++)
        samples[p->lead + i] = scale * (float)r.samples[i];
    if (!p->is_noisy)
        return;
    const ws_wake_recording noise = ws_wake_source_recording(set->options.source, p->noise);
    for (size_t i = 0; i < p->n_samples; i++) {
        const float sum =
            samples[i] +
            p->noise_gain * scale * (float)noise.samples[(p->noise_at + i) % noise.n_samples];
        samples[i] = fminf(fmaxf(sum, -1.0f), 1.0f);
    }
}

static void push_piece(ws_wake_set *set, size_t recording, bool is_noisy)
{
    const ws_wake_recording r = ws_wake_source_recording(set->options.source, recording);
    const double rate = (double)set->options.window->sample_rate_hz;
    piece *p = &set->pieces[set->n];

    *p = (piece){.recording = recording, .is_phrase = r.kind == WS_WAKE_POSITIVE};
    p->lead =
        p->is_phrase ? set->options.window->desired_samples + (size_t)(lead_seconds * rate) : 0;
    p->n_samples = p->lead + r.n_samples + (p->is_phrase ? (size_t)(tail_seconds * rate) : 0);
    if (is_noisy)
        draw_noise(set, set->n, &r, p);
    if (is_noisy && !p->is_noisy)
        return; /* there is no noise */
    set->n++;
    set->n_phrases += p->is_phrase;
}

/** Lists all pieces, as many as may be kept: those with the phrase first. */
static ws_status list_pieces(ws_wake_set *set, ws_error *err)
{
    const size_t n_recordings = ws_wake_source_n_recordings(set->options.source);
    size_t n_samples = 0;
    bool is_cut = false;

    set->pieces = calloc(2 * n_recordings + 1, sizeof *set->pieces);
    if (set->pieces == NULL)
        return ws_fail_memory(err, "the validation of a wake word");
    for (int pass = 0; pass < 4 && !is_cut; pass++) {
        for (size_t i = 0; i < n_recordings && !is_cut; i++) {
            const ws_wake_recording r = ws_wake_source_recording(set->options.source, i);
            if (!is_used(&r) || (r.kind == WS_WAKE_POSITIVE) != (pass < 2))
                continue;
            is_cut = n_samples + r.n_samples > set->options.max_samples;
            if (is_cut)
                break;
            push_piece(set, i, pass % 2 == 1);
            n_samples += r.n_samples;
        }
    }
    if (is_cut)
        ws_log_write(set->options.log, WS_LOG_WARN,
                     "the validation keeps %.0f minutes of sound; the rest is left out",
                     (double)n_samples / (double)set->options.window->sample_rate_hz / 60.0);
    return WS_OK;
}

static ws_status open_scorers(ws_wake_set *set, ws_error *err)
{
    ws_status status = WS_OK;

    for (int i = 0; i < set->options.n_threads && status == WS_OK; i++)
        status = ws_scorer_create(
            &(ws_scorer_options){.model = &set->model, .level = set->options.window->level},
            &set->scorers[i], err);
    return status;
}

static void close_scorers(ws_wake_set *set)
{
    for (int i = 0; set->scorers != NULL && i < set->options.n_threads; i++) {
        ws_scorer_destroy(set->scorers[i]);
        set->scorers[i] = NULL;
    }
}

static ws_status make_room(ws_wake_set *set, ws_error *err)
{
    const size_t n_threads = (size_t)set->options.n_threads;
    const ws_scorer *scorer = set->scorers[0];
    size_t n_scores = 0;

    set->call_size = ws_scorer_call_size(scorer);
    set->stride = ws_scorer_stride(scorer);
    set->n_blind = ws_scorer_n_blind(scorer);
    for (size_t i = 0; i < set->n; i++) {
        piece *p = &set->pieces[i];
        p->first = n_scores;
        p->n_scores = ws_scorer_n_scores(scorer, p->n_samples);
        n_scores += p->n_scores;
        set->max_samples = p->n_samples > set->max_samples ? p->n_samples : set->max_samples;
        set->max_scores = p->n_scores > set->max_scores ? p->n_scores : set->max_scores;
    }
    set->frames = malloc((n_scores + 1) * set->call_size * sizeof *set->frames);
    set->scores = calloc(n_threads * (set->max_scores + 1), sizeof *set->scores);
    set->means = calloc(n_threads * (set->max_scores + 1), sizeof *set->means);
    return set->frames != NULL && set->scores != NULL && set->means != NULL
               ? WS_OK
               : ws_fail_memory(err, "the validation of a wake word");
}

static ws_status make_frames(ws_wake_set *set, ws_error *err)
{
    const size_t n_threads = (size_t)set->options.n_threads;
    float *samples = calloc(n_threads * (set->max_samples + 1), sizeof *samples);

    if (samples == NULL)
        return ws_fail_memory(err, "the validation of a wake word");
#pragma omp parallel for schedule(dynamic) num_threads(set->options.n_threads)
    for (size_t i = 0; i < set->n; i++) {
        const size_t thread = (size_t)omp_get_thread_num();
        float *own = samples + thread * (set->max_samples + 1);
        const piece *p = &set->pieces[i];
        make_samples(set, p, own);
        ws_scorer_find_frames(set->scorers[thread], own, p->n_samples,
                              set->frames + p->first * set->call_size);
    }
    free(samples);
    return WS_OK;
}

ws_status ws_wake_set_create(ws_wake_set **set, const ws_wake_set_options *options, ws_error *err)
{
    ws_wake_set *made = calloc(1, sizeof *made);
    const size_t n_numbers = options->graph->n_weights + options->graph->n_state_numbers + 1;
    float *zeros = calloc(n_numbers, sizeof *zeros);

    *set = NULL;
    if (made == NULL || zeros == NULL) {
        free(zeros);
        free(made);
        return ws_fail_memory(err, "the validation of a wake word");
    }
    made->options = *options;
    made->model.graph = *options->graph; /* borrowed, and never deinitialised */
    made->model.features = *options->features;
    made->model.parameters = made->model.states = zeros;
    made->scorers = calloc((size_t)options->n_threads, sizeof *made->scorers);
    ws_status status = made->scorers == NULL ? ws_fail_memory(err, "the validation of a wake word")
                                             : list_pieces(made, err);
    if (status == WS_OK)
        status = open_scorers(made, err);
    if (status == WS_OK)
        status = make_room(made, err);
    if (status == WS_OK)
        status = make_frames(made, err);
    if (status == WS_OK)
        made->rule =
            ws_det_rule_of_device((double)made->stride / (double)options->window->sample_rate_hz);
    close_scorers(made);
    free(zeros);
    made->model.parameters = made->model.states = NULL;
    if (status != WS_OK) {
        ws_wake_set_destroy(made);
        return status;
    }
    *set = made;
    return WS_OK;
}

void ws_wake_set_destroy(ws_wake_set *set)
{
    if (set == NULL)
        return;
    close_scorers(set);
    free(set->scorers);
    free(set->means);
    free(set->scores);
    free(set->frames);
    free(set->pieces);
    free(set);
}

size_t ws_wake_set_n(const ws_wake_set *set)
{
    return set->n;
}

ws_wake_piece ws_wake_set_get(const ws_wake_set *set, size_t i)
{
    const piece *p = &set->pieces[i];
    const size_t window = set->options.window->desired_samples;

    return (ws_wake_piece){
        .path = ws_wake_source_recording(set->options.source, p->recording).path,
        .is_phrase = p->is_phrase,
        .is_noisy = p->is_noisy,
        .best = p->best,
        .from = p->best_end > window ? p->best_end - window : 0,
    };
}

/** Hears a piece. @param det  the thread's own; whole numbers, so that their order is no matter */
static void run_piece(ws_wake_set *set, size_t thread, piece *p, ws_det *det)
{
    float *scores = set->scores + thread * (set->max_scores + 1);
    float *means = set->means + thread * (set->max_scores + 1);
    const double rate = (double)set->options.window->sample_rate_hz;
    size_t best = 0;

    ws_scorer_run_frames(set->scorers[thread], set->frames + p->first * set->call_size, p->n_scores,
                         scores);
    const size_t n_blind = set->n_blind < p->n_scores ? set->n_blind : p->n_scores;
    memset(scores, 0, n_blind * sizeof *scores);
    ws_det_find_means(&set->rule, scores, p->n_scores, means);
    for (size_t i = 1; i < p->n_scores; i++)
        best = means[i] > means[best] ? i : best;
    p->best = p->n_scores > 0 ? means[best] : 0.0f;
    p->best_end = (best + 1) * set->stride + set->options.window->window_samples;
    if (p->is_phrase)
        ws_det_push_phrase(det, p->best);
    else
        ws_det_push_other(det, means, p->n_scores,
                          (double)((p->n_scores - n_blind) * set->stride) / rate);
}

ws_status ws_wake_set_run(ws_wake_set *set, const float *parameters, const float *states,
                          ws_det *det, ws_error *err)
{
    const size_t n_threads = (size_t)set->options.n_threads;
    ws_det *dets = calloc(n_threads, sizeof *dets);

    if (dets == NULL)
        return ws_fail_memory(err, "the figures of a wake word");
    set->model.parameters = (float *)(uintptr_t)parameters; /* only read */
    set->model.states = (float *)(uintptr_t)states;
    const ws_status status = open_scorers(set, err);
    for (size_t i = 0; i < n_threads; i++)
        dets[i].rule = set->rule;
    if (status == WS_OK) {
#pragma omp parallel for schedule(dynamic) num_threads(set->options.n_threads)
        for (size_t i = 0; i < set->n; i++) {
            const size_t thread = (size_t)omp_get_thread_num();
            run_piece(set, thread, &set->pieces[i], &dets[thread]);
        }
    }
    close_scorers(set);
    set->model.parameters = set->model.states = NULL;
    *det = (ws_det){.rule = set->rule};
    for (size_t i = 0; i < n_threads; i++)
        ws_det_add(det, &dets[i]);
    free(dets);
    return status;
}

ws_status ws_wake_set_read(const ws_wake_set *set, size_t i, float *samples, ws_error *err)
{
    const piece *p = &set->pieces[i];
    const size_t n = set->options.window->desired_samples, from = ws_wake_set_get(set, i).from;
    float *whole = calloc(p->n_samples + 1, sizeof *whole);

    if (whole == NULL)
        return ws_fail_memory(err, "a recording to be shown");
    make_samples(set, p, whole);
    memset(samples, 0, n * sizeof *samples);
    if (from < p->n_samples)
        memcpy(samples, whole + from,
               (p->n_samples - from < n ? p->n_samples - from : n) * sizeof *samples);
    free(whole);
    return WS_OK;
}
