#include "recognize/long_exam.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/path.h"
#include "base/random.h"
#include "dataset/augment.h"
#include "dataset/folder.h"
#include "dataset/phrase.h"
#include "dataset/phrase_name.h"
#include "recognize/scorer.h"

/* Sound after a phrase, so that late detections count, and before it, besides the first window, so
 * that features adapt. */
static const double lead_seconds = 0.5, tail_seconds = 1.0;

enum { MAX_GROUP = 32 }; /* files that are heard as one sound */

typedef struct hearing {
    const ws_long_exam_options *options;
    ws_long_exam *exam;
    int rate_hz;
    size_t n_other;      /* files without the phrase; they come first */
    ws_scorer **scorers; /* [n_threads, n_ways] */
    bool *has_failed;    /* [n files] */
    ws_status status;    /* the first fault that is no broken file */
    ws_error fault;      /* the first of all */
    size_t n_done;
} hearing;

/** Adds a sound file. @param name  its path in the folder */
static ws_status push_file(ws_long_exam *exam, const char *dir, const char *name, ws_error *err)
{
    char *path = ws_path_join(dir, name);
    const char *tail = ws_path_tail(name);
    const char *mark = strstr(tail, "_nohash_");
    const char *slash = strchr(name, '/');
    char *speaker = mark != NULL    ? ws_text_format("%.*s", (int)(mark - tail), tail)
                    : slash != NULL ? ws_text_format("%.*s", (int)(slash - name), name)
                                    : ws_text_copy(tail);
    const bool is_pushed = path != NULL && speaker != NULL &&
                           ws_text_list_push(&exam->paths, path) == WS_OK &&
                           ws_text_list_push(&exam->speakers, speaker) == WS_OK;

    free(path);
    free(speaker);
    return is_pushed ? WS_OK : ws_fail_memory(err, "a list of recordings");
}

/** Adds the sound files of a folder. @param phrase  those in folders named after it are left out;
 *  NULL: none */
static ws_status list_dir(const ws_long_exam_options *options, const char *dir, const char *phrase,
                          ws_long_exam *exam, ws_error *err)
{
    ws_left_out left_out = {0};
    ws_text_list names = {0};
    size_t n_named = 0;
    ws_status status = ws_folder_list_nested(dir, &names, &left_out, err);

    if (status == WS_OK && names.n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND, "%s: has no sound file", dir);
    else if (status == WS_OK && phrase != NULL && ws_phrase_name_is_of(dir, phrase))
        status = ws_fail(err, WS_EUSAGE,
                         "%s: its folder is named after the phrase; expected sound in which nobody "
                         "says \"%s\"",
                         dir, phrase);
    for (size_t i = 0; i < names.n_items && status == WS_OK; i++) {
        if (phrase != NULL && ws_phrase_name_is_in(names.items[i], phrase))
            n_named++;
        else
            status = push_file(exam, dir, names.items[i], err);
    }
    if (status == WS_OK && n_named == names.n_items)
        status = ws_fail(err, WS_ENOTFOUND,
                         "%s: all its sound files are in folders named after the phrase; expected "
                         "sound in which nobody says \"%s\"",
                         dir, phrase);
    if (status == WS_OK)
        ws_phrase_name_warn(options->log, dir, n_named, phrase);
    ws_text_list_deinit(&names);
    return status;
}

/** The mean power of what is said in a recording. */
static ws_status find_power(const hearing *h, const float *samples, size_t n, bool is_phrase,
                            double *power, ws_error *err)
{
    ws_phrase phrase = {0, n};
    ws_status status = WS_OK;

    if (is_phrase) {
        int16_t *wholes = malloc((n + 1) * sizeof *wholes);
        if (wholes == NULL)
            return ws_fail_memory(err, "a recording");
        for (size_t i = 0; i < n; i++)
            wholes[i] = (int16_t)fmaxf(fminf(samples[i] * 32768.0f, 32767.0f), -32768.0f);
        status = ws_phrase_find(wholes, n, h->rate_hz, &phrase, err);
        free(wholes);
        if (phrase.end <= phrase.start)
            phrase = (ws_phrase){0, n};
    }
    *power = ws_samples_get_power(
        &(ws_samples){.floats = samples + phrase.start, .n = phrase.end - phrase.start},
        h->options->level);
    return status;
}

/** Adds noise to a piece. @param file  its number, for the noise */
static void add_noise(const hearing *h, const ws_long_way *way, size_t number, double power,
                      float *samples, size_t n)
{
    size_t n_noise = 0;
    ws_random random;

    ws_random_init(&random, h->options->seed, WS_RANDOM_WAKE_SET, 1, (uint32_t)number);
    const size_t which = ws_random_below(&random, (uint32_t)ws_noise_n_sounds(h->options->noise));
    const float *noise = ws_noise_sound(h->options->noise, which, &n_noise);
    const size_t first = ws_random_below(&random, (uint32_t)n_noise);
    const double own =
        ws_samples_get_power(&(ws_samples){.floats = noise, .n = n_noise}, h->options->level);
    const float gain = own > 0.0 ? (float)sqrt(power / own * pow(10.0, -way->snr_db / 10.0)) : 0.0f;
    for (size_t i = 0; i < n; i++)
        samples[i] = fminf(fmaxf(samples[i] + gain * noise[(first + i) % n_noise], -1.0f), 1.0f);
}

/** Fills in a piece.
 *  @param samples  [n] of it
 *  @param n_heard  scores of the same sound so far; 0: it is a start */
static ws_status hear(const hearing *h, const float *samples, size_t n, size_t n_heard,
                      ws_long_piece *piece, ws_error *err)
{
    ws_scorer *scorer = h->scorers[(size_t)omp_get_thread_num() * h->options->n_ways + piece->way];
    const size_t n_scores = ws_scorer_n_scores(scorer, n);
    const size_t n_blind =
        ws_scorer_n_blind(scorer) > n_heard ? ws_scorer_n_blind(scorer) - n_heard : 0;
    const size_t n_skipped = n_blind < n_scores ? n_blind : n_scores;
    float *scores = malloc((n_scores + 1) * sizeof *scores);

    piece->means = malloc((n_scores + 1) * sizeof *piece->means);
    if (scores == NULL || piece->means == NULL) {
        free(scores);
        return ws_fail_memory(err, "the scores of a recording");
    }
    if (n_heard > 0)
        ws_scorer_continue(scorer, samples, n, scores);
    else
        ws_scorer_run(scorer, samples, n, scores);
    memset(scores, 0, n_skipped * sizeof *scores);
    ws_det_find_means(&h->exam->rule, scores, n_scores, piece->means);
    free(scores);
    piece->n = n_scores;
    piece->seconds = (double)(n_scores - n_skipped) * h->exam->seconds_each;
    for (size_t i = 0; i < n_scores; i++) {
        if (i > 0 && !(piece->means[i] > piece->best))
            continue;
        piece->best = piece->means[i];
        piece->best_at = i;
    }
    return WS_OK;
}

/** A file in all ways. @param n_heard  as above; moved on */
static ws_status hear_file(const hearing *h, size_t file, size_t *n_heard, ws_error *err)
{
    const ws_long_exam_options *o = h->options;
    const size_t n_files = h->exam->paths.n_items;
    const bool is_phrase = file >= h->n_other;
    const size_t blind = ws_scorer_n_blind(h->scorers[0]) * ws_scorer_stride(h->scorers[0]);
    const size_t lead = is_phrase ? blind + (size_t)(lead_seconds * h->rate_hz) : 0;
    const size_t tail = is_phrase ? (size_t)(tail_seconds * h->rate_hz) : 0;
    ws_sound sound;
    double power = 0.0;
    ws_status status = ws_sound_read_at(h->exam->paths.items[file], h->rate_hz, 0, &sound, err);

    if (status != WS_OK)
        return status;
    const size_t n = lead + sound.n_samples + tail;
    float *samples = malloc((n + 1) * sizeof *samples);
    status = samples == NULL
                 ? ws_fail_memory(err, "a recording")
                 : find_power(h, sound.samples, sound.n_samples, is_phrase, &power, err);
    for (size_t way = 0; way < o->n_ways && status == WS_OK; way++) {
        ws_long_piece *piece = &h->exam->pieces[way * n_files + file];
        memset(samples, 0, n * sizeof *samples);
        memcpy(samples + lead, sound.samples, sound.n_samples * sizeof *samples);
        if (o->ways[way].is_noisy)
            add_noise(h, &o->ways[way], way * n_files + file, power, samples, n);
        *piece = (ws_long_piece){.path = h->exam->paths.items[file],
                                 .speaker = h->exam->speakers.items[file],
                                 .way = way,
                                 .is_phrase = is_phrase};
        status = hear(h, samples, n, *n_heard, piece, err);
    }
    *n_heard += ws_scorer_n_scores(h->scorers[0], n);
    free(samples);
    ws_sound_deinit(&sound);
    return status;
}

/** The file after the last one of those that are one sound: files without the phrase that follow
 *  each other in a folder, not too many of them, so that there is work for several threads. */
static size_t find_group_end(const hearing *h, size_t first)
{
    const char *const *paths = (const char *const *)h->exam->paths.items;
    const size_t n_dir = (size_t)(ws_path_tail(paths[first]) - paths[first]);
    size_t end = first + 1;

    while (end < h->n_other && end - first < MAX_GROUP &&
           strncmp(paths[first], paths[end], n_dir) == 0 &&
           (size_t)(ws_path_tail(paths[end]) - paths[end]) == n_dir)
        end++;
    return end;
}

/** Notes how a file went. Called by one thread at a time. */
static void note(hearing *h, size_t file, ws_status status, const ws_error *err)
{
    const bool is_broken = status != WS_OK && status != WS_ENOMEM;

    h->n_done++;
    h->has_failed[file] = status != WS_OK;
    if (status != WS_OK && h->fault.status == WS_OK)
        h->fault = *err;
    if (is_broken) {
        h->exam->n_broken++;
        ws_log_write(h->options->log, WS_LOG_WARN, "left out: %s", err->message);
    } else if (status != WS_OK) {
        h->status = status;
    }
    if (h->options->show_progress != NULL)
        h->options->show_progress(h->options->user, h->n_done, h->exam->paths.n_items);
}

/** Moves pieces of files that could not be read out of the list. */
static void drop_failed(const hearing *h)
{
    ws_long_exam *exam = h->exam;
    const size_t n_files = exam->paths.n_items;
    size_t n = 0;

    for (size_t i = 0; i < exam->n; i++) {
        if (h->has_failed[i % n_files])
            free(exam->pieces[i].means);
        else
            exam->pieces[n++] = exam->pieces[i];
    }
    exam->n = n;
}

/** Files that are one sound. */
static void hear_group(hearing *h, size_t first, size_t end)
{
    size_t n_heard = 0;

    for (size_t file = first; file < end; file++) {
        ws_error fault = {.status = WS_OK};
        const ws_status status = hear_file(h, file, &n_heard, &fault);
#pragma omp critical
        note(h, file, status, &fault);
    }
}

/** What is wrong if nothing without the phrase was judged. */
static ws_status check_heard(const hearing *h, ws_error *err)
{
    double seconds = 0.0;

    for (size_t i = 0; i < h->exam->n; i++)
        seconds += h->exam->pieces[i].is_phrase ? 0.0 : h->exam->pieces[i].seconds;
    if (h->status != WS_OK || seconds > 0.0)
        return h->status == WS_OK ? WS_OK : ws_fail(err, h->status, "%s", h->fault.message);
    if (h->fault.status != WS_OK)
        return ws_fail(err, h->fault.status, "%s", h->fault.message);
    return ws_fail(
        err, WS_EFORMAT,
        "%s: its sound is too short to be judged; expected more than %.1f s in the files "
        "of a folder",
        h->options->other_dir,
        (double)(ws_scorer_n_blind(h->scorers[0]) + 1) * h->exam->seconds_each);
}

static ws_status hear_all(hearing *h, ws_error *err)
{
    const size_t n_files = h->exam->paths.n_items;
    size_t *firsts = malloc((n_files + 1) * sizeof *firsts), n_groups = 0;

    if (firsts == NULL)
        return ws_fail_memory(err, "a list of recordings");
    for (size_t file = 0; file < n_files; n_groups++) {
        firsts[n_groups] = file;
        file = file < h->n_other ? find_group_end(h, file) : file + 1;
    }
    firsts[n_groups] = n_files;
#pragma omp parallel for schedule(dynamic) num_threads(h->options->n_threads)
    for (size_t i = 0; i < n_groups; i++)
        hear_group(h, firsts[i], firsts[i + 1]);
    free(firsts);
    drop_failed(h);
    return check_heard(h, err);
}

static ws_status open_scorers(hearing *h, ws_error *err)
{
    const ws_long_exam_options *o = h->options;
    ws_status status = WS_OK;

    const size_t n = (size_t)o->n_threads * o->n_ways;
    h->scorers = calloc(n, sizeof(ws_scorer *));
    if (h->scorers == NULL)
        return ws_fail_memory(err, "the scores of recordings");
    for (size_t i = 0; i < n && status == WS_OK; i++)
        status = ws_scorer_create(
            &(ws_scorer_options){.model = o->model, .label = o->label, .level = o->level},
            &h->scorers[i], err);
    if (status != WS_OK)
        return status;
    h->exam->seconds_each = (double)ws_scorer_stride(h->scorers[0]) / (double)h->rate_hz;
    h->exam->rule = ws_det_rule_of_device(h->exam->seconds_each);
    return WS_OK;
}

ws_status ws_long_exam_run(const ws_long_exam_options *options, ws_long_exam *exam, ws_error *err)
{
    hearing h = {
        .options = options, .exam = exam, .rate_hz = (int)options->model->features.sample_rate};

    *exam = (ws_long_exam){.n = 0};
    ws_status status = list_dir(options, options->other_dir, options->phrase, exam, err);
    h.n_other = exam->paths.n_items;
    if (status == WS_OK && options->phrases_dir != NULL)
        status = list_dir(options, options->phrases_dir, NULL, exam, err);
    if (status == WS_OK)
        status = open_scorers(&h, err);
    if (status == WS_OK) {
        exam->n = exam->paths.n_items * options->n_ways;
        exam->pieces = calloc(exam->n, sizeof *exam->pieces);
        h.has_failed = calloc(exam->paths.n_items, sizeof *h.has_failed);
        if (exam->pieces == NULL || h.has_failed == NULL) {
            exam->n = 0;
            status = ws_fail_memory(err, "the scores of recordings");
        }
    }
    if (status == WS_OK)
        status = hear_all(&h, err);
    for (size_t i = 0; h.scorers != NULL && i < (size_t)options->n_threads * options->n_ways; i++)
        ws_scorer_destroy(h.scorers[i]);
    free(h.scorers);
    free(h.has_failed);
    return status;
}

void ws_long_exam_deinit(ws_long_exam *exam)
{
    for (size_t i = 0; i < exam->n; i++)
        free(exam->pieces[i].means);
    free(exam->pieces);
    ws_text_list_deinit(&exam->paths);
    ws_text_list_deinit(&exam->speakers);
    *exam = (ws_long_exam){.n = 0};
}

ws_det ws_long_exam_count(const ws_long_exam *exam, size_t way, size_t n_ways, const char *speaker)
{
    ws_det det = {.rule = exam->rule};

    for (size_t i = 0; i < exam->n; i++) {
        const ws_long_piece *piece = &exam->pieces[i];
        if ((way < n_ways && piece->way != way) ||
            (speaker != NULL && strcmp(piece->speaker, speaker) != 0))
            continue;
        if (piece->is_phrase)
            ws_det_push_phrase(&det, piece->best);
        else
            ws_det_push_other(&det, piece->means, piece->n, piece->seconds);
    }
    return det;
}

ws_long_count ws_long_exam_count_at(const ws_long_exam *exam, size_t way, double cutoff)
{
    ws_long_count count = {.n_false = 0};

    for (size_t i = 0; i < exam->n; i++) {
        const ws_long_piece *piece = &exam->pieces[i];
        if (piece->way != way)
            continue;
        if (piece->is_phrase) {
            count.n_missed += !((double)piece->best > cutoff);
            count.n_phrases++;
        } else {
            count.n_false += ws_det_find(&exam->rule, piece->means, piece->n, cutoff, NULL);
            count.seconds += piece->seconds;
        }
    }
    return count;
}

ws_status ws_long_exam_choose(const ws_long_exam *exam, double rate, ws_cutoff *cutoff,
                              ws_error *err)
{
    const ws_det det = ws_long_exam_count(exam, 1, 0, NULL);
    ws_peaks peaks = {.seconds = det.seconds};
    size_t n = 1;

    for (size_t i = 0; i < exam->n; i++)
        n += exam->pieces[i].n / exam->rule.n_pause + 1;
    peaks.scores = malloc(n * sizeof *peaks.scores);
    if (peaks.scores == NULL)
        return ws_fail_memory(err, "the cutoff");
    for (size_t i = 0; i < exam->n; i++)
        if (!exam->pieces[i].is_phrase)
            peaks.n += ws_cutoff_find_peaks(exam->pieces[i].means, exam->pieces[i].n,
                                            exam->rule.n_pause, peaks.scores + peaks.n);
    *cutoff = ws_cutoff_choose(&det, &peaks, rate);
    free(peaks.scores);
    return WS_OK;
}
