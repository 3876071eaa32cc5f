/*
 * dataset/source: that rows are what their draws say, whatever the number of threads and the size
 * of the cache; that evaluations repeat; that a warm step allocates nothing.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "base/random.h"
#include "dataset/augment.h"
#include "dataset/labels.h"
#include "fft/real_plan.h"
#include "support/allocations.h"
#include "support/check.h"
#include "unit/source_fixture.h"

/** Every augmentation at once. */
#define ALL_AUGMENTATIONS                                                                       \
    {                                                                                           \
        .speed_perturbation = 0.1, .volume_perturbation = 6.0, .spec_augment = true,            \
        .time_masks = 2, .time_mask_frames = 9, .frequency_masks = 2, .frequency_mask_bins = 7, \
    }

/** The gain of noise that is so many dB below a clip, by plain sums. */
static float snr_gain(const ws_sound *clip, const float *noise, double db)
{
    double of_clip = 0.0, of_noise = 0.0;
    for (size_t i = 0; i < clip->n_samples; i++)
        of_clip += (double)clip->samples[i] * (double)clip->samples[i];
    for (size_t i = 0; i < CLIP; i++)
        of_noise += (double)noise[i] * (double)noise[i];
    return (float)sqrt(of_clip / (double)clip->n_samples / (of_noise / CLIP) /
                       pow(10.0, db / 10.0));
}

/** The draws of a row, one after the other as source.h and the reference list them. */
static int32_t expected_row(const fixture *f, const ws_noise_snr *snr, uint64_t step, uint32_t row,
                            float *features)
{
    ws_sound sound = {0};
    float mixed[CLIP];
    ws_random random;
    size_t n_noise;
    ws_random_init(&random, SEED, WS_RANDOM_BATCH, step, row);
    const ws_clip clip = ws_index_clip(
        f->index, WS_SET_TRAINING,
        ws_random_below(&random, (uint32_t)ws_index_n_clips(f->index, WS_SET_TRAINING)));
    ws_augmentation augmentation = {.gain = clip.label == WS_SILENCE_INDEX ? 0.0f : 1.0f};
    augmentation.shift = (int64_t)ws_random_below(&random, 2 * SHIFT) - SHIFT;
    const float *noise = ws_noise_sound(f->noise, ws_random_below(&random, 2), &n_noise);
    augmentation.noise = noise + ws_random_below(&random, (uint32_t)(n_noise - CLIP));
    assert_int_equal(ws_sound_read_at(clip.path, RATE_HZ, CLIP, &sound, NULL), WS_OK);
    if (clip.label == WS_SILENCE_INDEX)
        augmentation.noise_gain = (float)ws_random_uniform(&random);
    else if (ws_random_uniform(&random) < 0.8) {
        const double share = ws_random_uniform(&random);
        augmentation.noise_gain = snr != NULL ? snr_gain(&sound, augmentation.noise,
                                                         snr->low + share * (snr->high - snr->low))
                                              : (float)(0.1 * share);
    }
    const ws_samples samples = {.floats = sound.samples, .n = sound.n_samples};
    ws_augmentation_run(&augmentation, &samples, mixed, CLIP);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(f->features));
    assert_non_null(scratch);
    ws_features_run(f->features, mixed, scratch, features);
    free(scratch);
    ws_sound_deinit(&sound);
    return clip.label;
}

static void rows_are_what_their_draws_say(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2, .clip_cache_mb = 16});
    float *want = malloc(f->size * sizeof *want);
    size_t counts[4] = {0};
    (void)state;
    assert_non_null(want);
    for (uint64_t step = 0; step < 3; step++) {
        source_read_step(f, step);
        for (uint32_t row = 0; row < N_ROWS; row++) {
            assert_int_equal(f->labels[row], expected_row(f, NULL, step, row, want));
            assert_memory_equal(f->rows + row * f->size, want, f->size * sizeof *want);
            counts[f->labels[row]]++;
        }
    }
    for (size_t label = 0; label < 4; label++)
        assert_true(counts[label] > 0);
    free(want);
    source_close(f);
}

/** The labels of all rows from step 1 on, [n]. */
static int32_t *read_labels(const ws_source_options *options, size_t n, float *first_row)
{
    fixture *f = source_open(options);
    int32_t *labels = malloc((n + N_ROWS) * sizeof *labels);

    assert_non_null(labels);
    for (size_t i = 0; i < n; i += N_ROWS) {
        source_read_step(f, 1 + i / N_ROWS);
        memcpy(labels + i, f->labels, sizeof f->labels);
        if (i == 0)
            memcpy(first_row, f->rows, f->size * sizeof *first_row);
    }
    source_close(f);
    return labels;
}

/** Batches do not divide an epoch: it ends and the next one begins within one. */
static void an_epoch_has_every_clip_once(void **state)
{
    const ws_source_options one = {.n_threads = 1, .epoch_batch_size = N_ROWS};
    const ws_source_options three = {
        .n_threads = 3, .clip_cache_mb = 16, .epoch_batch_size = N_ROWS};
    fixture *f = source_open(&one);
    const size_t n = ws_index_n_clips(f->index, WS_SET_TRAINING), n_numbers = f->size;
    size_t want[4] = {0};
    (void)state;

    for (size_t i = 0; i < n; i++)
        want[ws_index_clip(f->index, WS_SET_TRAINING, i).label]++;
    source_close(f);
    float *row = malloc(n_numbers * sizeof *row), *other = malloc(n_numbers * sizeof *other);
    assert_true(row != NULL && other != NULL && n > 10 && n % N_ROWS != 0);
    int32_t *labels = read_labels(&one, 3 * n, row), *others = read_labels(&three, 3 * n, other);
    assert_memory_equal(labels, others, 3 * n * sizeof *labels);
    assert_memory_equal(row, other, n_numbers * sizeof *row);
    for (size_t epoch = 0; epoch < 3; epoch++) {
        size_t counts[4] = {0};
        for (size_t i = 0; i < n; i++)
            counts[labels[epoch * n + i]]++;
        assert_memory_equal(counts, want, sizeof counts);
    }
    assert_memory_not_equal(labels, labels + n, n * sizeof *labels);
    free(row);
    free(other);
    free(labels);
    free(others);
}

/** Unknown clips change, what is drawn of them otherwise and all other rows stay. */
static void unknown_clips_are_drawn_again(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2});
    fixture *again =
        source_open(&(ws_source_options){.n_threads = 2, .unknown_redraw = WS_REDRAW_CLIPS});
    size_t n_unknown = 0, n_changed = 0;
    (void)state;
    for (uint64_t step = 1; step < 6; step++) {
        source_read_step(f, step);
        source_read_step(again, step);
        assert_memory_equal(f->labels, again->labels, sizeof f->labels);
        for (size_t row = 0; row < N_ROWS; row++) {
            const bool is_changed = memcmp(f->rows + row * f->size, again->rows + row * f->size,
                                           f->size * sizeof(float)) != 0;
            n_unknown += f->labels[row] == WS_UNKNOWN_INDEX;
            n_changed += is_changed;
            assert_false(is_changed && f->labels[row] != WS_UNKNOWN_INDEX);
        }
    }
    assert_in_range(n_changed, n_unknown / 2, n_unknown);
    assert_true(n_unknown > 10);
    source_close(f);
    source_close(again);
}

/** Speed and volume change spoken rows, and silence not at all. */
static void check_spoken_alone(const ws_augment_options *augment)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2});
    fixture *changed = source_open(&(ws_source_options){.n_threads = 2, .augment = *augment});
    size_t n_changed = 0, n_spoken = 0;

    source_read_step(f, 3);
    source_read_step(changed, 3);
    assert_memory_equal(f->labels, changed->labels, sizeof f->labels);
    for (size_t row = 0; row < N_ROWS; row++) {
        const bool is_changed = memcmp(f->rows + row * f->size, changed->rows + row * f->size,
                                       f->size * sizeof(float)) != 0;
        n_spoken += f->labels[row] != WS_SILENCE_INDEX;
        n_changed += is_changed;
        assert_false(is_changed && f->labels[row] == WS_SILENCE_INDEX);
    }
    assert_in_range(n_changed, n_spoken * 3 / 4, n_spoken); /* 1 of 21 speeds is 1 */
    source_close(f);
    source_close(changed);
}

static void only_spoken_clips_are_perturbed(void **state)
{
    (void)state;
    check_spoken_alone(&(ws_augment_options){.speed_perturbation = 0.1});
    check_spoken_alone(&(ws_augment_options){.volume_perturbation = 6.0});
}

/** Noise at a distance from the clip, whatever its own level: within the rounding of sums. */
static void noise_is_as_far_below_as_drawn(void **state)
{
    const ws_noise_snr snr = {true, -3.0, 12.0};
    fixture *f = source_open(&(ws_source_options){.n_threads = 2, .snr = snr});
    fixture *plain = source_open(&(ws_source_options){.n_threads = 2});
    float *want = malloc(f->size * sizeof *want);
    size_t n_changed = 0, n_spoken = 0;
    (void)state;
    assert_non_null(want);
    source_read_step(f, 1);
    source_read_step(plain, 1);
    for (uint32_t row = 0; row < N_ROWS; row++) {
        const float *got = f->rows + row * f->size;
        const bool is_changed =
            memcmp(got, plain->rows + row * f->size, f->size * sizeof *want) != 0;
        assert_int_equal(f->labels[row], expected_row(f, &snr, 1, row, want));
        assert_close("features", got, want, f->size, 1e-4);
        n_spoken += f->labels[row] != WS_SILENCE_INDEX;
        n_changed += is_changed;
        assert_false(is_changed && f->labels[row] == WS_SILENCE_INDEX);
    }
    assert_in_range(n_changed, n_spoken / 2, n_spoken - 1); /* 8 of 10 */
    free(want);
    source_close(f);
    source_close(plain);
}

/* Also with broken clips, whichever thread meets them first, and the lines about them too. */
static void threads_and_cache_change_nothing(void **state)
{
    static const ws_source_options variants[] = {
        {.n_threads = 1,
         .clip_cache_mb = 0,
         .unknown_redraw = WS_REDRAW_WORDS,
         .silence = WS_SILENCE_MICROPHONE,
         .snr = {true, 0.0, 15.0},
         .augment = ALL_AUGMENTATIONS},
        {.n_threads = 2,
         .clip_cache_mb = 16,
         .unknown_redraw = WS_REDRAW_WORDS,
         .silence = WS_SILENCE_MICROPHONE,
         .snr = {true, 0.0, 15.0},
         .augment = ALL_AUGMENTATIONS},
        {.n_threads = 3,
         .clip_cache_mb = 0,
         .unknown_redraw = WS_REDRAW_WORDS,
         .silence = WS_SILENCE_MICROPHONE,
         .snr = {true, 0.0, 15.0},
         .augment = ALL_AUGMENTATIONS},
        {.n_threads = 5,
         .clip_cache_mb = 1,
         .unknown_redraw = WS_REDRAW_WORDS,
         .silence = WS_SILENCE_MICROPHONE,
         .snr = {true, 0.0, 15.0},
         .augment = ALL_AUGMENTATIONS},
    };
    enum { N_VARIANTS = sizeof variants / sizeof *variants, N_STEPS = 4 };
    fixture *f[N_VARIANTS];
    (void)state;
    for (size_t v = 0; v < N_VARIANTS; v++)
        f[v] = source_open(&variants[v]);
    for (uint64_t step = 0; step < N_STEPS; step++) {
        for (size_t v = 0; v < N_VARIANTS; v++) {
            source_read_step(f[v], step);
            assert_memory_equal(f[v]->labels, f[0]->labels, sizeof f[0]->labels);
            assert_memory_equal(f[v]->rows, f[0]->rows, N_ROWS * f[0]->size * sizeof(float));
            assert_string_equal(f[v]->lines.text, f[0]->lines.text);
        }
    }
    /* the same step again, out of order and with all that was learnt: a resumed run */
    float *again = malloc(N_ROWS * f[0]->size * sizeof *again);
    assert_non_null(again);
    memcpy(again, f[0]->rows, N_ROWS * f[0]->size * sizeof *again);
    source_read_step(f[1], 0);
    source_read_step(f[1], N_STEPS - 1);
    assert_memory_equal(f[1]->rows, again, N_ROWS * f[0]->size * sizeof *again);
    free(again);
    for (size_t v = 0; v < N_VARIANTS; v++)
        source_close(f[v]);
}

/** Reads a whole set in batches of n: fingerprints [rows, size] to free(). */
static float *read_set(fixture *f, ws_set set, size_t n, size_t *n_rows)
{
    const size_t n_clips = ws_index_n_clips(f->index, set);
    float *all = malloc((n_clips + 1) * f->size * sizeof *all);
    assert_non_null(all);
    *n_rows = 0;
    for (size_t offset = 0; offset < n_clips; offset += n) {
        size_t row = 0;
        ws_evaluation_rows rows = {all + *n_rows * f->size, f->labels, f->entries, 99};
        assert_int_equal(ws_source_read_evaluation(f->source, set, offset, n, &rows, NULL), WS_OK);
        for (size_t i = offset; i < offset + n && i < n_clips; i++) {
            const ws_clip clip = ws_index_clip(f->index, set, i);
            if (clip.label != WS_SILENCE_INDEX && source_is_broken(clip.path))
                continue;
            assert_int_equal(f->labels[row], clip.label);
            assert_int_equal(f->entries[row++], i);
        }
        assert_int_equal(row, rows.n);
        *n_rows += rows.n;
    }
    return all;
}

static void evaluate_twice(ws_silence silence)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2, .silence = silence});
    fixture *other = source_open(&(ws_source_options){.n_threads = 1, .silence = silence});
    size_t n_rows, n_again;
    for (size_t set = 1; set < WS_N_SETS; set++) {
        float *first = read_set(f, (ws_set)set, 7, &n_rows);
        const size_t n_lines = f->lines.n;
        float *second = read_set(f, (ws_set)set, 3, &n_again);
        assert_int_equal(n_again, n_rows);
        assert_memory_equal(second, first, n_rows * f->size * sizeof *first);
        assert_int_equal(f->lines.n, n_lines);
        free(second);
        second = read_set(other, (ws_set)set, N_ROWS, &n_again);
        assert_int_equal(n_again, n_rows);
        assert_memory_equal(second, first, n_rows * f->size * sizeof *first);
        free(second);
        free(first);
    }
    ws_evaluation_rows rows = {f->rows, f->labels, NULL, 99};
    assert_int_equal(ws_source_read_evaluation(f->source, WS_SET_TESTING, 100000, 5, &rows, NULL),
                     WS_OK);
    assert_int_equal(rows.n, 0);
    source_close(f);
    source_close(other);
}

static void evaluation_is_the_same_each_time(void **state)
{
    (void)state;
    evaluate_twice(WS_SILENCE_ORIGINAL);
    evaluate_twice(WS_SILENCE_MICROPHONE);
}

/** Another way of silence changes the rows of silence, and no others. */
static void only_silence_is_made_in_another_way(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2});
    fixture *other =
        source_open(&(ws_source_options){.n_threads = 2, .silence = WS_SILENCE_MICROPHONE});
    const size_t n_bytes = f->size * sizeof(float);
    size_t n_rows, n_others;
    (void)state;
    source_read_step(f, 1);
    source_read_step(other, 1);
    for (size_t row = 0; row < N_ROWS; row++)
        assert_int_equal(f->labels[row] != WS_SILENCE_INDEX,
                         memcmp(f->rows + row * f->size, other->rows + row * f->size, n_bytes) ==
                             0);
    float *rows = read_set(f, WS_SET_VALIDATION, N_ROWS, &n_rows);
    float *others = read_set(other, WS_SET_VALIDATION, N_ROWS, &n_others);
    assert_int_equal(n_rows, n_others);
    for (size_t i = 0; i < n_rows; i++) {
        const ws_clip clip = ws_index_clip(f->index, WS_SET_VALIDATION, i);
        assert_int_equal(clip.label != WS_SILENCE_INDEX,
                         memcmp(rows + i * f->size, others + i * f->size, n_bytes) == 0);
    }
    free(rows);
    free(others);
    source_close(f);
    source_close(other);
}

/** A spoken evaluation row is the clip as it is; a silence row is noise. */
static void evaluation_rows_are_plain(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2});
    const size_t n = ws_index_n_clips(f->index, WS_SET_VALIDATION);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(f->features));
    float *want = malloc(f->size * sizeof *want);
    const float *silence[2] = {NULL, NULL};
    size_t n_rows, n_silent = 0;
    (void)state;
    assert_true(scratch != NULL && want != NULL);
    float *rows = read_set(f, WS_SET_VALIDATION, N_ROWS, &n_rows);
    assert_int_equal(n_rows, n);
    for (size_t i = 0; i < n; i++) {
        const ws_clip clip = ws_index_clip(f->index, WS_SET_VALIDATION, i);
        float samples[CLIP] = {0};
        ws_sound sound;
        if (clip.label == WS_SILENCE_INDEX) {
            silence[n_silent++ % 2] = rows + i * f->size;
            assert_true(rows[i * f->size] > -200.0f); /* heard, unlike plain zeros */
            continue;
        }
        assert_int_equal(ws_sound_read_at(clip.path, RATE_HZ, CLIP, &sound, NULL), WS_OK);
        memcpy(samples, sound.samples, sound.n_samples * sizeof *samples);
        ws_sound_deinit(&sound);
        ws_features_run(f->features, samples, scratch, want);
        assert_memory_equal(rows + i * f->size, want, f->size * sizeof *want);
    }
    assert_true(n_silent >= 2);
    assert_memory_not_equal(silence[0], silence[1], f->size * sizeof *want);
    free(rows);
    free(want);
    free(scratch);
    source_close(f);
}

/* What one looks at and listens to is what the network got, broken clips included. */
static void samples_are_what_rows_are_made_of(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2});
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(f->features));
    float *got = malloc(f->size * sizeof *got);
    float samples[CLIP];
    size_t n_broken = 0;
    ws_error err;
    (void)state;
    assert_true(scratch != NULL && got != NULL);
    assert_int_equal(ws_source_settings(f->source)->desired_samples, CLIP);
    for (size_t set = WS_SET_VALIDATION; set < WS_N_SETS; set++) {
        for (size_t i = 0; i < ws_index_n_clips(f->index, (ws_set)set); i++) {
            ws_evaluation_rows rows = {f->rows, f->labels, NULL, 99};
            const ws_clip clip = ws_index_clip(f->index, (ws_set)set, i);
            assert_int_equal(ws_source_read_evaluation(f->source, (ws_set)set, i, 1, &rows, NULL),
                             WS_OK);
            const ws_status status =
                ws_source_read_samples(f->source, (ws_set)set, i, samples, &err);
            assert_int_equal(status, rows.n == 1 ? WS_OK : WS_EFORMAT);
            if (rows.n == 0) {
                assert_non_null(strstr(err.message, clip.path));
                n_broken++;
                continue;
            }
            ws_features_run(f->features, samples, scratch, got);
            assert_memory_equal(f->rows, got, f->size * sizeof *got);
        }
    }
    assert_true(n_broken > 0);
    free(got);
    free(scratch);
    source_close(f);
}

static void a_warm_step_allocates_nothing(void **state)
{
    (void)state;
    if (!ws_test_counts_allocations())
        skip();
    fixture *f = source_open(&(ws_source_options){.n_threads = 2,
                                                  .clip_cache_mb = 16,
                                                  .silence = WS_SILENCE_MICROPHONE,
                                                  .snr = {true, 0.0, 15.0},
                                                  .augment = ALL_AUGMENTATIONS});
    const size_t at_first = ws_test_n_allocations();
    for (uint64_t step = 0; step < 20; step++)
        source_read_step(f, step);
    assert_true(ws_test_n_allocations() > at_first); /* that it counts at all */
    const size_t before = ws_test_n_allocations();
    for (uint64_t step = 5; step < 15; step++)
        source_read_step(f, step);
    assert_int_equal(ws_test_n_allocations(), before);
    source_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_WHOLE(rows_are_what_their_draws_say),       ON_WHOLE(an_epoch_has_every_clip_once),
        ON_WHOLE(only_silence_is_made_in_another_way), ON_WHOLE(unknown_clips_are_drawn_again),
        ON_WHOLE(only_spoken_clips_are_perturbed),     ON_WHOLE(noise_is_as_far_below_as_drawn),
        ON_BROKEN(threads_and_cache_change_nothing),   ON_BROKEN(evaluation_is_the_same_each_time),
        ON_WHOLE(evaluation_rows_are_plain),           ON_BROKEN(samples_are_what_rows_are_made_of),
        ON_BROKEN(a_warm_step_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
