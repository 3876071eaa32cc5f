#include "dataset/streaming_test.h"

#include <stdbool.h>
#include <stdlib.h>

#include "audio/sound.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/random.h"
#include "dataset/labels.h"
#include "dataset/stream_piece.h"

/* The original's figures. */
enum { WORD_RAMP_SAMPLES = 500, NOISE_OVERLAP_MS = 500 };

enum { MAX_WORDS = 1 << 20, MAX_LABELS_BYTES = 1 << 30 };

/* Which stream of WS_RANDOM_STREAM draws what: its "step". */
enum { NOISE_DRAWS = 0, WORD_DRAWS = 1 };

/** The clips of a label that can be taken. */
typedef struct clip_pool {
    size_t *clips; /* [n] entries of the testing set, in its order */
    size_t n;
} clip_pool;

/** What a test is made with. */
typedef struct maker {
    const ws_streaming_test_options *options;
    ws_streaming_test *test;
    size_t clip_samples, gap_samples, slot_samples;
    clip_pool *pools; /* [n_labels] */
    size_t n_labels;
    size_t n_resampled, n_odd; /* clips of another rate; with a wrong header */
    ws_error *err;
} maker;

static int64_t samples_of_ms(const ws_streaming_test_options *options, int64_t ms)
{
    return ms * options->sample_rate / 1000;
}

ws_status ws_streaming_test_check(const ws_streaming_test_options *options, ws_error *err)
{
    const int64_t slot_ms = options->clip_duration_ms + options->word_gap_ms;

    if (samples_of_ms(options, options->clip_duration_ms) < 1)
        return ws_fail(err, WS_EUSAGE, "--clip_duration_ms=%lld: less than a sample",
                       (long long)options->clip_duration_ms);
    if ((uint64_t)(options->test_duration_seconds * options->sample_rate) > WS_SOUND_MAX_SAMPLES)
        return ws_fail(err, WS_EUSAGE,
                       "--test_duration_seconds=%lld: expected at most %lld (at "
                       "--sample_rate=%lld)",
                       (long long)options->test_duration_seconds,
                       (long long)WS_SOUND_MAX_SAMPLES / options->sample_rate,
                       (long long)options->sample_rate);
    if (options->test_duration_seconds * 1000 < slot_ms)
        return ws_fail(err, WS_EUSAGE,
                       "--test_duration_seconds=%lld: no word fits, expected at least the %lld ms "
                       "of --clip_duration_ms and --word_gap_ms",
                       (long long)options->test_duration_seconds, (long long)slot_ms);
    if (options->test_duration_seconds * 1000 / slot_ms > MAX_WORDS)
        return ws_fail(err, WS_EUSAGE,
                       "--test_duration_seconds=%lld: more than %d words fit, one every %lld ms",
                       (long long)options->test_duration_seconds, MAX_WORDS, (long long)slot_ms);
    return WS_OK;
}

/** Lays seconds of noise side by side, each fading into the next. */
static void mix_noise(const maker *m)
{
    const ws_streaming_test_options *options = m->options;
    const size_t overlap = (size_t)samples_of_ms(options, NOISE_OVERLAP_MS);
    const size_t n_sounds = ws_noise_n_sounds(options->noise);
    const size_t n_pieces =
        n_sounds > 0 ? (m->test->n_samples + m->clip_samples - 1) / m->clip_samples : 0;

    for (size_t i = 0; i < n_pieces; i++) {
        ws_random random;
        size_t n_sound;

        ws_random_init(&random, options->seed, WS_RANDOM_STREAM, NOISE_DRAWS, (uint32_t)i);
        if (ws_random_uniform(&random) >= options->background_frequency)
            continue;
        const float *sound =
            ws_noise_sound(options->noise, ws_random_below(&random, (uint32_t)n_sounds), &n_sound);
        const size_t start = ws_random_below(&random, (uint32_t)(n_sound - m->clip_samples));
        const ws_stream_piece piece = {
            .samples = sound + start,
            .n_samples = n_sound - start,
            .length = m->clip_samples + overlap,
            .ramp_in = overlap / 2,
            .ramp_out = overlap / 2,
            .gain = (float)(options->background_volume * ws_random_uniform(&random)),
        };
        ws_stream_piece_mix(&piece, m->test->samples, m->test->n_samples, i * m->clip_samples);
    }
}

/** Whether words of that label are drawn at all. */
static bool is_drawn(const ws_streaming_test_options *options, size_t label)
{
    if (label == WS_SILENCE_INDEX)
        return false;
    return label == WS_UNKNOWN_INDEX ? options->unknown_percentage > 0
                                     : options->unknown_percentage < 100;
}

static ws_status check_pools(const maker *m)
{
    for (size_t label = 0; label < m->n_labels; label++) {
        if (!is_drawn(m->options, label) || m->pools[label].n > 0)
            continue;
        if (label == WS_UNKNOWN_INDEX)
            return ws_fail(m->err, WS_ENOTFOUND,
                           "--data_dir: none of the clips of other words than the wanted ones is "
                           "for testing, expected some for --unknown_percentage=%lld (0 does "
                           "without)",
                           (long long)m->options->unknown_percentage);
        return ws_fail(m->err, WS_ENOTFOUND,
                       "--data_dir: none of the clips of \"%s\" is for testing, expected at least "
                       "one (the sets follow from the file names and --testing_percentage)",
                       ws_index_label(m->options->index, label));
    }
    return WS_OK;
}

/** Finds the clips of each label. */
static ws_status make_pools(maker *m)
{
    const ws_index *index = m->options->index;
    const size_t n_clips = ws_index_n_clips(index, WS_SET_TESTING);
    size_t n_before = 0;

    m->n_labels = ws_index_n_labels(index);
    m->pools = calloc(m->n_labels, sizeof *m->pools);
    size_t *clips = malloc((n_clips + 1) * sizeof *clips);
    if (m->pools == NULL || clips == NULL) {
        free(clips);
        return ws_fail_memory(m->err, "a list of clips");
    }
    for (size_t i = 0; i < n_clips; i++)
        m->pools[ws_index_clip(index, WS_SET_TESTING, i).label].n++;
    for (size_t label = 0; label < m->n_labels; label++) {
        m->pools[label].clips = clips + n_before;
        n_before += m->pools[label].n;
        m->pools[label].n = 0;
    }
    for (size_t i = 0; i < n_clips; i++) {
        clip_pool *pool = &m->pools[ws_index_clip(index, WS_SET_TESTING, i).label];
        pool->clips[pool->n++] = i;
    }
    return check_pools(m);
}

static void free_pools(maker *m)
{
    if (m->pools != NULL)
        free(m->pools[0].clips);
    free(m->pools);
}

/** Draws clips of a label until one can be read; others are named and not drawn again. */
static ws_status read_some_clip(maker *m, size_t label, ws_random *random, ws_sound *sound)
{
    const ws_streaming_test_options *options = m->options;
    clip_pool *pool = &m->pools[label];
    ws_error fault = {.message = ""};

    while (pool->n > 0) {
        const size_t k = ws_random_below(random, (uint32_t)pool->n);
        const ws_clip clip = ws_index_clip(options->index, WS_SET_TESTING, pool->clips[k]);
        const ws_status status =
            ws_sound_read_at(clip.path, (int)options->sample_rate, m->clip_samples, sound, &fault);
        if (status == WS_OK) {
            m->n_resampled += ws_sound_is_converted(sound);
            m->n_odd += sound->oddity != WS_SOUND_AS_PROMISED;
            return WS_OK;
        }
        if (status == WS_ENOMEM)
            return ws_fail_memory(m->err, clip.path);
        ws_log_write(options->log, WS_LOG_WARN, "%s (skipped)", fault.message);
        pool->clips[k] = pool->clips[--pool->n];
    }
    return ws_fail(m->err, WS_EFORMAT, "none of the clips of \"%s\" for testing can be read",
                   ws_index_label(options->index, label));
}

/** Lays word i into its slot. */
static ws_status mix_word(maker *m, size_t i)
{
    const ws_streaming_test_options *options = m->options;
    const uint32_t n_wanted = (uint32_t)(m->n_labels - WS_N_FIXED_LABELS);
    size_t label = WS_UNKNOWN_INDEX, at = i * m->slot_samples;
    ws_random random;
    ws_sound sound;

    ws_random_init(&random, options->seed, WS_RANDOM_STREAM, WORD_DRAWS, (uint32_t)i);
    if (m->gap_samples > 0)
        at += ws_random_below(&random, (uint32_t)m->gap_samples);
    if (ws_random_below(&random, 100) >= options->unknown_percentage)
        label = WS_N_FIXED_LABELS + ws_random_below(&random, n_wanted);
    const ws_status status = read_some_clip(m, label, &random, &sound);
    if (status != WS_OK)
        return status;
    const ws_stream_piece piece = {
        .samples = sound.samples,
        .n_samples = sound.n_samples,
        .length = m->clip_samples,
        .ramp_in = WORD_RAMP_SAMPLES,
        .ramp_out = WORD_RAMP_SAMPLES,
        .gain = 1.0f,
    };
    ws_stream_piece_mix(&piece, m->test->samples, m->test->n_samples, at);
    ws_sound_deinit(&sound);
    m->test->words[i] = (ws_streaming_word){
        .label = ws_index_label(options->index, label),
        .time_ms = (double)at * 1000.0 / (double)options->sample_rate,
    };
    return WS_OK;
}

static ws_status make(maker *m)
{
    ws_streaming_test *test = m->test;

    ws_status status = make_pools(m);
    if (status != WS_OK)
        return status;
    test->samples = calloc(test->n_samples, sizeof *test->samples);
    test->words = calloc(test->n_words, sizeof *test->words);
    if (test->samples == NULL || test->words == NULL)
        return ws_fail_memory(m->err, "a streaming test");
    mix_noise(m);
    for (size_t i = 0; status == WS_OK && i < test->n_words; i++)
        status = mix_word(m, i);
    if (m->n_resampled > 0)
        ws_log_write(m->options->log, WS_LOG_WARN,
                     "clips converted from another sample rate to %d Hz: %zu", test->sample_rate_hz,
                     m->n_resampled);
    if (m->n_odd > 0)
        ws_log_write(m->options->log, WS_LOG_WARN,
                     "words from clips with a wrong header, read as far as there is sound: %zu",
                     m->n_odd);
    return status;
}

ws_status ws_streaming_test_init(ws_streaming_test *test, const ws_streaming_test_options *options,
                                 ws_error *err)
{
    const int64_t slot_ms = options->clip_duration_ms + options->word_gap_ms;
    maker m = {.options = options, .test = test, .err = err};

    *test = (ws_streaming_test){.samples = NULL};
    ws_status status = ws_streaming_test_check(options, err);
    if (status != WS_OK)
        return status;
    m.clip_samples = (size_t)samples_of_ms(options, options->clip_duration_ms);
    m.gap_samples = (size_t)samples_of_ms(options, options->word_gap_ms);
    m.slot_samples = (size_t)samples_of_ms(options, slot_ms);
    test->sample_rate_hz = (int)options->sample_rate;
    test->n_samples = (size_t)(options->test_duration_seconds * options->sample_rate);
    test->n_words = test->n_samples / m.slot_samples;
    status = make(&m);
    free_pools(&m);
    if (status != WS_OK)
        ws_streaming_test_deinit(test);
    return status;
}

void ws_streaming_test_deinit(ws_streaming_test *test)
{
    free(test->samples);
    free(test->words);
    *test = (ws_streaming_test){.samples = NULL};
}

ws_status ws_streaming_test_write(const ws_streaming_test *test, const char *audio_file,
                                  const char *labels_file, ws_error *err)
{
    ws_buf labels;

    ws_buf_init(&labels, MAX_LABELS_BYTES);
    for (size_t i = 0; i < test->n_words; i++)
        ws_buf_push_format(&labels, "%s, %f\n", test->words[i].label, test->words[i].time_ms);
    ws_status status = labels.status == WS_OK
                           ? ws_file_stage(labels_file, labels.data, labels.size, err)
                           : ws_fail_memory(err, labels_file);
    ws_buf_deinit(&labels);
    if (status != WS_OK)
        return status;
    status = ws_sound_write(audio_file, test->samples, test->n_samples, test->sample_rate_hz, err);
    if (status != WS_OK) {
        ws_file_discard(labels_file);
        return status;
    }
    return ws_file_commit(labels_file, err);
}
