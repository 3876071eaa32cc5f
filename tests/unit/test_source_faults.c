/* dataset/source: broken clips, missing noise and invalid settings. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/labels.h"
#include "support/check.h"
#include "unit/source_fixture.h"

static size_t count_lines_with(const fixture *f, const char *part)
{
    size_t n = 0;
    for (const char *at = f->lines.text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

static void broken_clips_are_named_once_and_skipped(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 2, .clip_cache_mb = 16});
    ws_evaluation_rows rows = {f->rows, f->labels, NULL, 0};
    size_t n_met = 0;
    (void)state;
    for (uint64_t step = 0; step < 20; step++)
        source_read_step(f, step);
    for (size_t set = 1; set < WS_N_SETS; set++) {
        for (size_t offset = 0; offset < ws_index_n_clips(f->index, (ws_set)set); offset += 5)
            assert_int_equal(
                ws_source_read_evaluation(f->source, (ws_set)set, offset, 5, &rows, NULL), WS_OK);
    }
    for (size_t i = 0; i < N_BROKEN; i++) {
        const size_t n = count_lines_with(f, source_broken[i]);
        assert_in_range(n, 0, 1);
        n_met += n;
    }
    assert_in_range(n_met, N_BROKEN - 1, N_BROKEN); /* an unknown one may be in no list */
    assert_int_equal(count_lines_with(f, "broken clip skipped: "), n_met);
    assert_int_equal(count_lines_with(f, "has another sample rate than --sample_rate=8000"), 1);
    assert_int_equal(f->lines.n, n_met + 1);
    const ws_source_stats stats = ws_source_get_stats(f->source);
    assert_int_equal(stats.n_broken, n_met);
    assert_true(stats.n_resampled >= 2);
    source_close(f);
}

/* Clips whose header claims more samples than the file has, as some recorders write it. */
static void odd_headers_are_read_with_one_warning(void **state)
{
    fixture *f;
    (void)state;
    for (unsigned i = 1; i < 16; i += 4) { /* all for training */
        char name[64];
        (void)snprintf(name, sizeof name, "yes/yes%u_nohash_0.wav", i);
        source_cut_clip(name, 2000);
    }
    f = source_open(&(ws_source_options){.n_threads = 2, .clip_cache_mb = 16});
    for (uint64_t step = 0; step < 20; step++)
        source_read_step(f, step);
    const ws_source_stats stats = ws_source_get_stats(f->source);
    assert_int_equal(stats.n_broken, 0);
    assert_int_equal(stats.n_odd, 4);
    assert_int_equal(count_lines_with(f, "its header promises more sound than the file holds"), 1);
    source_close(f);
}

static void strict_stops_at_the_first_in_the_batch(void **state)
{
    char first[1024] = "";
    (void)state;
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        fixture *f = source_open(&(ws_source_options){.n_threads = n_threads, .strict = true});
        ws_error err = {0};
        assert_int_equal(ws_source_read_training(f->source, 0, 0, N_ROWS, f->rows, f->labels, &err),
                         WS_EFORMAT);
        assert_true(err.status == WS_EFORMAT && strstr(err.message, source_dir()) != NULL);
        if (n_threads > 1)
            assert_string_equal(err.message, first);
        (void)snprintf(first, sizeof first, "%s", err.message);
        assert_null(strstr(f->lines.text, "broken clip skipped"));
        source_close(f);
    }
}

static void silence_without_noise_is_plain_zeros(void **state)
{
    char path[512];
    size_t n_silent = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/_background_noise_", source_dir());
    ws_test_remove_dir(path);
    fixture *f = source_open(&(ws_source_options){.n_threads = 2, .clip_cache_mb = 1});
    source_read_step(f, 0);
    for (size_t row = 0; row < N_ROWS; row++) {
        if (f->labels[row] != WS_SILENCE_INDEX)
            continue;
        n_silent++;
        for (size_t i = 0; i < f->size; i++) {
            const float want = i % 40 == 0 ? -247.139366f : 0.0f;
            assert_true(fabsf(f->rows[row * f->size + i] - want) < 1e-4f);
        }
    }
    assert_true(n_silent > 0);
    source_close(f);
}

static void data_that_is_all_broken_ends_it(void **state)
{
    static const char *const words[] = {"yes", "no", "bed"};
    char name[128];
    ws_error err = {0};
    (void)state;
    for (size_t w = 0; w < 3; w++) {
        for (unsigned i = 0; i < 16; i++) {
            (void)snprintf(name, sizeof name, "%s/%s%u_nohash_0.%s", words[w], words[w], i,
                           i % 4 == 3 ? "flac" : "wav");
            source_cut_clip(name, 0);
        }
    }
    fixture *f = source_open(&(ws_source_options){.n_threads = 2, .clip_cache_mb = 1});
    /* silence entries are fine: only a source without them has nothing to give */
    source_read_step(f, 0);
    for (size_t row = 0; row < N_ROWS; row++)
        assert_int_equal(f->labels[row], WS_SILENCE_INDEX);
    source_close(f);
    const ws_index_options speech = {.data_dir = source_dir(), .wanted_words = "yes,no"};
    f = source_open(&(ws_source_options){.n_threads = 2});
    ws_index *index;
    ws_source *source;
    assert_int_equal(ws_index_create(&speech, &index, NULL), WS_OK);
    const ws_source_options options = {
        .index = index, .features = f->features, .noise = f->noise, .n_threads = 2};
    assert_int_equal(ws_source_create(&options, &source, NULL), WS_OK);
    assert_int_equal(ws_source_read_training(source, 0, 0, N_ROWS, f->rows, f->labels, &err),
                     WS_EFORMAT);
    assert_non_null(strstr(err.message, "100 clips drawn in a row were all broken, the last: "));
    assert_non_null(strstr(err.message, "the file is empty"));
    ws_source_destroy(source);
    ws_index_destroy(index);
    source_close(f);
}

static void a_shift_beyond_all_bounds_is_refused(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 1});
    const ws_source_options options = {
        .index = f->index, .features = f->features, .time_shift_samples = 1 << 30};
    ws_source *source;
    ws_error err = {0};
    (void)state;
    assert_int_equal(ws_source_create(&options, &source, &err), WS_EUSAGE);
    assert_null(source);
    assert_non_null(strstr(err.message, "--time_shift_ms"));
    source_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BROKEN(broken_clips_are_named_once_and_skipped),
        ON_WHOLE(odd_headers_are_read_with_one_warning),
        ON_BROKEN(strict_stops_at_the_first_in_the_batch),
        ON_WHOLE(silence_without_noise_is_plain_zeros),
        ON_WHOLE(data_that_is_all_broken_ends_it),
        ON_WHOLE(a_shift_beyond_all_bounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
