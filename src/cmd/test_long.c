#include "cmd/test_long.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd/test_long_json.h"
#include "metrics/cutoff.h"
#include "metrics/limits.h"
#include "recognize/long_exam.h"

enum { MAX_WAYS = 16, MAX_DB = 100, WAY_BYTES = 32 };

/** False accepts an hour that the table has rows for. */
static const double rates[] = {0.0, 0.5, 1.0, 2.0, 5.0, 10.0};

typedef struct long_test {
    const ws_label_flags *flags;
    ws_console *console;
    const ws_model_file *model;
    ws_long_way ways[MAX_WAYS];
    size_t n_ways;
    ws_noise *noise;
    ws_long_exam exam;
    ws_cutoff cutoff;
    FILE *out; /* what is printed */
} long_test;

static ws_status read_way(const char *text, ws_long_way *way, ws_error *err)
{
    *way = (ws_long_way){.is_noisy = strcmp(text, "clean") != 0};
    if (!way->is_noisy || (ws_text_to_double(text, &way->snr_db) && fabs(way->snr_db) <= MAX_DB))
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--snr: \"%s\": expected clean, or how many dB the noise is below the speech, "
                   "from -%d to %d",
                   text, MAX_DB, MAX_DB);
}

static ws_status read_ways(long_test *test, ws_error *err)
{
    ws_text_list parts = {0};
    ws_status status = ws_text_list_push_split(&parts, test->flags->snr, ',') == WS_OK
                           ? WS_OK
                           : ws_fail_memory(err, "the list of --snr");

    if (status == WS_OK && parts.n_items > MAX_WAYS)
        status = ws_fail(err, WS_EUSAGE, "--snr=%s: has %zu parts, expected at most %d",
                         test->flags->snr, parts.n_items, MAX_WAYS);
    for (size_t i = 0; i < parts.n_items && status == WS_OK; i++)
        status = read_way(parts.items[i], &test->ways[test->n_ways++], err);
    ws_text_list_deinit(&parts);
    return status;
}

static ws_status open_noise(long_test *test, ws_error *err)
{
    const ws_feature_options *features = &test->model->frozen->features;
    bool is_noisy = false;

    for (size_t i = 0; i < test->n_ways; i++)
        is_noisy = is_noisy || test->ways[i].is_noisy;
    if (!is_noisy)
        return WS_OK;
    if (test->flags->noise_dir[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--snr=%s needs --noise_dir: a folder with recordings",
                       test->flags->snr);
    return ws_noise_create_from(test->flags->noise_dir,
                                &(ws_noise_options){
                                    .sample_rate_hz = (int)features->sample_rate,
                                    .desired_samples = (size_t)features->sample_rate,
                                    .log = &test->console->log,
                                },
                                &test->noise, err);
}

/** The label of the phrase: the last one. */
static size_t phrase_label(const ws_model_file *model)
{
    return model->labels->n_items - 1;
}

static void show_progress(void *user, size_t n_done, size_t n_all)
{
    ws_console_show_count(user, "testing", n_done, n_all);
}

static ws_status hear(long_test *test, const ws_train_options *options, ws_error *err)
{
    ws_cpu_level level = ws_cpu_level_get_best();
    ws_status status = WS_OK;

    if (options->isa[0] != '\0')
        status = ws_cpu_level_find(options->isa, &level, err);
    if (status != WS_OK)
        return status;
    return ws_long_exam_run(
        &(ws_long_exam_options){
            .model = test->model->frozen,
            .label = phrase_label(test->model),
            .phrase = test->model->labels->items[phrase_label(test->model)],
            .other_dir = test->flags->long_dir,
            .phrases_dir = test->flags->phrases[0] != '\0' ? test->flags->phrases : NULL,
            .ways = test->ways,
            .n_ways = test->n_ways,
            .noise = test->noise,
            .seed = (uint64_t)options->seed,
            .n_threads = options->threads > 0 ? (int)options->threads : omp_get_max_threads(),
            .level = level,
            .log = &test->console->log,
            .user = test->console,
            .show_progress = show_progress,
        },
        &test->exam, err);
}

static void write_way_name(const ws_long_way *way, char text[WAY_BYTES])
{
    if (way->is_noisy)
        (void)snprintf(text, WAY_BYTES, "%g dB", way->snr_db);
    else
        (void)snprintf(text, WAY_BYTES, "clean");
}

/** @param title  of the row */
static void print_row(FILE *out, const char *title, double cutoff, const ws_long_count *count)
{
    const double hours = count->seconds / 3600.0;
    const ws_limits limits = ws_limits_of_count(count->n_false);

    fprintf(out, "  %8s  %6.3f  %6llu  %8.2f .. %-8.2f", title, cutoff,
            (unsigned long long)count->n_false, limits.low / hours, limits.high / hours);
    if (count->n_phrases > 0) {
        const ws_limits misses = ws_limits_of_share(count->n_missed, count->n_phrases);
        fprintf(out, "  %5.1f %%  (%llu of %llu; %.1f .. %.1f %%)",
                100.0 * (double)count->n_missed / (double)count->n_phrases,
                (unsigned long long)count->n_missed, (unsigned long long)count->n_phrases,
                100.0 * misses.low, 100.0 * misses.high);
    }
    fprintf(out, "\n");
}

static void print_way(const long_test *test, size_t way)
{
    const ws_det det = ws_long_exam_count(&test->exam, way, test->n_ways, NULL);
    char name[WAY_BYTES], span[WS_CLOCK_SPAN_BYTES], title[32];
    const double own = test->model->frozen->cutoff;

    write_way_name(&test->ways[way], name);
    ws_clock_write_span(det.seconds, span);
    fprintf(test->out, "%s: %s of other sound, %llu phrases\n", name, span,
            (unsigned long long)det.n_phrases);
    fprintf(test->out, "  an hour, at most: cutoff, false accepts, limits an hour, misses\n");
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const size_t at = ws_det_find_cutoff(&det, rates[i]);
        (void)snprintf(title, sizeof title, "%g", rates[i]);
        print_row(test->out, title, ws_det_cutoff(at),
                  &(ws_long_count){.n_false = det.n_false[at],
                                   .n_missed = det.n_missed[at],
                                   .n_phrases = det.n_phrases,
                                   .seconds = det.seconds});
    }
    if (own > 0.0) {
        const ws_long_count count = ws_long_exam_count_at(&test->exam, way, own);
        print_row(test->out, "manifest", own, &count);
    }
    fprintf(test->out, "\n");
}

static void print_ways(const long_test *test)
{
    fprintf(test->out,
            "False accepts an hour of sound without \"%s\", and misses of the phrase, with 95 %% "
            "limits.\nA detector takes the mean of %zu scores, one every %g ms.\n",
            test->model->labels->items[phrase_label(test->model)], test->exam.rule.n_last,
            1000.0 * test->exam.seconds_each);
    if (test->model->frozen->cutoff > 0.0)
        fprintf(test->out, "The row manifest is at the cutoff that a device has from the model's "
                           "manifest.\n");
    fprintf(test->out, "\n");
    for (size_t way = 0; way < test->n_ways; way++)
        print_way(test, way);
}

static bool is_first_of_speaker(const ws_long_exam *exam, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (exam->pieces[k].is_phrase &&
            strcmp(exam->pieces[k].speaker, exam->pieces[i].speaker) == 0)
            return false;
    return exam->pieces[i].is_phrase;
}

/** The cutoff of the model's manifest, which a device has; else the chosen one. */
static double used_cutoff(const long_test *test)
{
    const double own = test->model->frozen->cutoff;

    return own > 0.0 ? own : test->cutoff.cutoff;
}

/** Speakers with misses at that cutoff. */
static void print_speakers(const long_test *test)
{
    const ws_long_exam *exam = &test->exam;
    bool has_title = false;

    for (size_t i = 0; i < exam->n; i++) {
        if (!is_first_of_speaker(exam, i))
            continue;
        const char *speaker = exam->pieces[i].speaker;
        size_t n_all = 0, n_missed = 0;
        for (size_t k = 0; k < exam->n; k++) {
            const ws_long_piece *piece = &exam->pieces[k];
            if (!piece->is_phrase || strcmp(piece->speaker, speaker) != 0)
                continue;
            n_all++;
            n_missed += !((double)piece->best > used_cutoff(test));
        }
        if (n_missed == 0)
            continue;
        if (!has_title)
            fprintf(test->out, "Speakers with misses at the cutoff %.3f:\n", used_cutoff(test));
        has_title = true;
        fprintf(test->out, "  %zu of %zu  %s\n", n_missed, n_all, speaker);
    }
}

/** Whether a piece comes before another one in the list of the worst. */
static bool is_worse(const ws_long_piece *a, const ws_long_piece *b)
{
    return a->best > b->best || (!(a->best < b->best) && a < b);
}

/** The worst false accepts: the highest moments of sound without the phrase. */
static void print_worst(const long_test *test)
{
    const ws_long_exam *exam = &test->exam;
    const ws_long_piece *last = NULL;
    char name[WAY_BYTES];

    fprintf(test->out, "Nearest to a false accept:\n");
    for (int64_t shown = 0; shown < test->flags->how_many_mistakes; shown++) {
        const ws_long_piece *best = NULL;
        for (size_t i = 0; i < exam->n; i++) {
            const ws_long_piece *piece = &exam->pieces[i];
            if (!piece->is_phrase && (last == NULL || is_worse(last, piece)) &&
                (best == NULL || is_worse(piece, best)))
                best = piece;
        }
        if (best == NULL)
            break;
        last = best;
        write_way_name(&test->ways[best->way], name);
        fprintf(test->out, "  %.3f  at %.1f s of %s (%s)\n", (double)best->best,
                (double)(best->best_at + 1) * exam->seconds_each, best->path, name);
    }
}

static void print_cutoff(const long_test *test)
{
    const double target = test->flags->target_false_accepts;
    char needed[WS_CLOCK_SPAN_BYTES], least[WS_CUTOFF_RATE_BYTES];

    ws_clock_write_span(test->cutoff.needed_seconds, needed);
    ws_cutoff_write_least_rate(&test->cutoff, least);
    fprintf(test->out, "Cutoff for %g false accepts an hour: %.3f\n", target, test->cutoff.cutoff);
    if (test->cutoff.is_extrapolated)
        fprintf(test->out,
                "  This is a guess from the highest scores: so little sound can only show rates of "
                "%s an hour and more.\n  To count %g an hour, test with at least %s.\n",
                least, target, needed);
}

/** Prints the figures, and writes them into the file of --text. */
static ws_status print_all(long_test *test, ws_error *err)
{
    const char *file = test->flags->text_file;
    char *text = NULL;
    size_t size = 0;
    ws_status status = WS_OK;

    test->out = open_memstream(&text, &size);
    if (test->out == NULL)
        return ws_fail_memory(err, "the figures");
    print_ways(test);
    print_cutoff(test);
    print_speakers(test);
    if (test->flags->how_many_mistakes > 0)
        print_worst(test);
    if (fclose(test->out) != 0)
        status = ws_fail_memory(err, "the figures");
    if (status == WS_OK && file[0] != '\0')
        status = ws_file_write(file, text, size, err);
    if (status == WS_OK && (fwrite(text, 1, size, stdout) != size || fflush(stdout) != 0))
        status = ws_fail(err, WS_EIO, "the result cannot be written");
    free(text);
    return status;
}

static ws_status report(long_test *test, ws_error *err)
{
    const char *json = test->flags->json_file;
    ws_status status = WS_OK;

    if (json[0] != '\0')
        status = ws_test_long_json_write(json,
                                         &(ws_test_long_line){
                                             .exam = &test->exam,
                                             .ways = test->ways,
                                             .n_ways = test->n_ways,
                                             .cutoff = &test->cutoff,
                                             .manifest_cutoff = test->model->frozen->cutoff,
                                             .target = test->flags->target_false_accepts,
                                         },
                                         err);
    if (status != WS_OK || strcmp(json, WS_FLAG_STANDARD_OUTPUT) == 0)
        return status;
    return print_all(test, err);
}

ws_status ws_test_long(const ws_label_flags *flags, ws_console *console, const ws_model_file *model,
                       const ws_train_options *options, ws_error *err)
{
    long_test *test = calloc(1, sizeof *test);

    if (test == NULL)
        return ws_fail_memory(err, "a test");
    test->flags = flags;
    test->console = console;
    test->model = model;
    ws_status status = read_ways(test, err);
    if (status == WS_OK && flags->text_file[0] != '\0')
        status = ws_file_check_replaceable(flags->text_file, err);
    if (status == WS_OK)
        status = open_noise(test, err);
    if (status == WS_OK)
        status = hear(test, options, err);
    ws_console_clear(console);
    if (status == WS_OK)
        status = ws_long_exam_choose(&test->exam, flags->target_false_accepts, &test->cutoff, err);
    if (status == WS_OK)
        status = report(test, err);
    ws_long_exam_deinit(&test->exam);
    ws_noise_destroy(test->noise);
    free(test);
    return status;
}
