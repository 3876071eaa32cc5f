/* libwordspot with a long stream, and opened many times: neither times nor scores drift, and no
 * memory is left over. WS_TEST_HOURS=24 makes the stream a day long. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <wordspot/wordspot.h>

#include "base/random.h"
#include "support/allocations.h"
#include "unit/wordspot_fixture.h"

enum { RATE_HZ = WS_TEST_SPOT_RATE_HZ, N_LABELS = WS_TEST_SPOT_N_LABELS };
enum { STRIDE_MS = 30, PERIOD_S = 3, MAX_PERIOD = 1000 * PERIOD_S / STRIDE_MS };

/** The scores of a stream that repeats: those of the second period, and windows so far. */
typedef struct stream {
    float scores[MAX_PERIOD][N_LABELS];
    uint64_t n_windows;
    uint64_t n_other; /* windows whose scores or times are not those of a period before */
} stream;

/** The first period of a stream that is converted begins with silence before it. */
static void see_scores(void *user, const float *scores, double start_s, double end_s)
{
    stream *all = user;
    const uint64_t i = all->n_windows++;
    float *first = all->scores[i % MAX_PERIOD];
    const uint64_t start = i * (STRIDE_MS * (RATE_HZ / 1000)); /* sample */

    if (i < 2 * MAX_PERIOD)
        memcpy(first, scores, sizeof all->scores[0]);
    all->n_other += start_s != (double)start / RATE_HZ ||
                    end_s != (double)(start + RATE_HZ) / RATE_HZ ||
                    memcmp(first, scores, sizeof all->scores[0]) != 0;
}

/** Pages of this process: [0] of its addresses, [1] in memory. */
static void find_pages(long pages[2])
{
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &pages[0], &pages[1]), 2);
    (void)fclose(file);
}

/** Pushes the sound again and again in random pieces, whole periods for that long. */
static void push_hours(wordspot *spotter, const float *sound, size_t n, double hours,
                       ws_random *random)
{
    uint64_t n_left = (uint64_t)(3600.0 * hours / PERIOD_S) * n;
    size_t at = 0;

    while (n_left > 0) {
        size_t piece = 1 + ws_random_below(random, 5000);
        piece = piece < n - at ? piece : n - at;
        piece = piece < n_left ? piece : (size_t)n_left;
        assert_int_equal(wordspot_push_float(spotter, sound + at, piece, NULL), WORDSPOT_OK);
        at = (at + piece) % n;
        n_left -= piece;
    }
}

static void follow_for_long(int rate_hz)
{
    const char *asked = getenv("WS_TEST_HOURS");
    const double hours = asked != NULL ? strtod(asked, NULL) : 0.25;
    const size_t n = (size_t)rate_hz * PERIOD_S;
    ws_test_spot *spot = ws_test_spot_create("single_fc", "mfcc");
    float *sound = malloc(n * sizeof *sound);
    stream *all = calloc(1, sizeof *all);
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    long before[2], after[2];
    ws_random random;

    assert_non_null(sound);
    assert_non_null(all);
    ws_test_spot_fill(sound, n, rate_hz);
    ws_random_init(&random, 4, WS_RANDOM_TEST, 0, 0);
    options.labels = spot->labels;
    options.rate_hz = rate_hz;
    options.stride_ms = STRIDE_MS;
    options.on_scores = see_scores;
    options.user = all;
    wordspot *spotter = ws_test_spot_open(spot, &options);
    push_hours(spotter, sound, n, 0.1 * hours, &random);
    find_pages(before);
    const size_t n_allocations = ws_test_n_allocations();
    push_hours(spotter, sound, n, 0.9 * hours, &random);
    assert_int_equal(ws_test_n_allocations(), n_allocations);
    find_pages(after);
    const uint64_t n_windows = (uint64_t)(3600.0 * hours * 1000.0 / STRIDE_MS) - 1000 / STRIDE_MS;
    assert_true(all->n_windows >= n_windows - 3 && all->n_windows <= n_windows + 1);
    assert_int_equal(all->n_other, 0);
    if (ws_test_counts_allocations()) { /* a sanitizer has memory of its own */
        assert_int_equal(after[0], before[0]);
        assert_true(after[1] - before[1] <= 16);
    }
    wordspot_close(spotter);
    free(all);
    free(sound);
    ws_test_spot_destroy(spot);
}

static void times_and_scores_do_not_drift(void **state)
{
    (void)state;
    follow_for_long(RATE_HZ);
}

static void nor_where_the_rate_is_converted(void **state)
{
    (void)state;
    follow_for_long(44100);
}

static void opening_leaves_nothing(void **state)
{
    enum {
        FEW = 20,
        MANY = 220,
        CACHED = 8192
    }; /* freed bytes that malloc() may keep for itself */
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    float sound[1000] = {0.0f};
    size_t n_bytes = 0;
    long before[2], after[2];
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    (void)state;

    options.labels = spot->labels;
    options.rate_hz = 48000;
    for (size_t i = 0; i < MANY; i++) {
        wordspot *spotter = ws_test_spot_open(spot, &options);
        assert_int_equal(wordspot_push_float(spotter, sound, 1000, NULL), WORDSPOT_OK);
        wordspot_close(spotter);
        if (i == FEW) {
            n_bytes = mallinfo2().uordblks;
            find_pages(before);
        }
    }
    find_pages(after);
    if (ws_test_counts_allocations()) {
        assert_true(mallinfo2().uordblks <= n_bytes + CACHED);
        assert_true(after[0] <= before[0] + 64);
    }
    ws_test_spot_destroy(spot);
}

/* As wordspot.h says. */
static void opening_keeps_few_blocks(void **state)
{
    static const struct {
        const char *architecture, *preprocess;
        wordspot_options options;
    } rows[] = {
        {"single_fc", "average", {.rate_hz = 0}},
        {"tiny_conv", "mfcc", {.rate_hz = 44100}},
        {"conv", "log_mel", {.rate_hz = 0}},
        {"bc_resnet_1", "log_mel", {.rate_hz = 48000, .stride_ms = 20}},
        {"mixednet", "micro", {.rate_hz = 44100, .continuous = 1}},
        {"mixednet", "mfcc", {.rule = WORDSPOT_RULE_LAST}},
    };
    enum { MOST = 50 };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ws_test_spot *spot = ws_test_spot_create(rows[i].architecture, rows[i].preprocess);
        wordspot_options options = rows[i].options;

        options.struct_size = sizeof options;
        options.labels = spot->labels;
        const size_t n_before = ws_test_n_held();
        wordspot *spotter = ws_test_spot_open(spot, &options);
        const size_t n_kept = ws_test_n_held() - n_before;
        if (ws_test_counts_allocations() && (n_kept == 0 || n_kept > MOST))
            fail_msg("%s keeps %zu blocks", rows[i].architecture, n_kept);
        wordspot_close(spotter);
        assert_int_equal(ws_test_n_held(), n_before);
        ws_test_spot_destroy(spot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_and_scores_do_not_drift),
        cmocka_unit_test(nor_where_the_rate_is_converted),
        cmocka_unit_test(opening_leaves_nothing),
        cmocka_unit_test(opening_keeps_few_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
