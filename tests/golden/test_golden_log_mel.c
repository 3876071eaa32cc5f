/* The features log_mel against torchaudio's (data/make_log_mel.py) and against plain sums, on every
 * instruction set. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/features.h"
#include "fft/real_plan.h"
#include "support/npz.h"

enum { RECIPE_FRAMES = 101, RECIPE_BANDS = 40 };

static const double tolerance = 1e-5;

static const char *const cases[] = {"chirp",   "noise",          "quiet",
                                    "silence", "other_geometry", "other_rate"};

static const double pi = 3.14159265358979323846;

static void get(const ws_npz *all, const char *name, const char *what, ws_npy *array)
{
    char full[64];
    ws_error err;
    (void)snprintf(full, sizeof full, "%s.%s", name, what);
    if (ws_npz_get(all, full, array, &err) != WS_OK)
        fail_msg("%s", err.message);
}

/** A clip, how it is looked at, and what comes out. */
typedef struct golden_case {
    const char *name;
    ws_feature_settings settings;
    float *samples; /* [settings.desired_samples] */
    ws_npy want;    /* [n_frames, width] */
} golden_case;

static golden_case open_case(const ws_npz *all, const char *name)
{
    golden_case c = {.name = name};
    ws_npy samples, numbers;
    ws_error err;

    get(all, name, "samples", &samples);
    get(all, name, "settings", &numbers);
    get(all, name, "features", &c.want);
    const double rate_hz = ws_npy_item(&numbers, 0);
    const ws_feature_options options = {
        .preprocess = "log_mel",
        .sample_rate = (int64_t)rate_hz,
        .clip_duration_ms = (int64_t)ceil((double)samples.n_items * 1000.0 / rate_hz),
        .window_size_ms = (ws_npy_item(&numbers, 1) + 0.01) * 1000.0 / rate_hz,
        .window_stride_ms = (ws_npy_item(&numbers, 2) + 0.01) * 1000.0 / rate_hz,
        .feature_bin_count = (int64_t)ws_npy_item(&numbers, 3),
    };
    if (ws_feature_settings_init(&options, &c.settings, &err) != WS_OK)
        fail_msg("%s: %s", name, err.message);
    assert_int_equal(c.settings.desired_samples, samples.n_items);
    assert_int_equal(c.settings.window_samples, (size_t)ws_npy_item(&numbers, 1));
    assert_int_equal(c.settings.stride_samples, (size_t)ws_npy_item(&numbers, 2));
    assert_int_equal(c.settings.n_frames, c.want.shape[0]);
    assert_int_equal(c.settings.width, c.want.shape[1]);
    c.samples = malloc(samples.n_items * sizeof *c.samples);
    assert_non_null(c.samples);
    for (size_t i = 0; i < samples.n_items; i++)
        c.samples[i] = (float)(ws_npy_item(&samples, i) / 32768.0);
    ws_npy_deinit(&samples);
    ws_npy_deinit(&numbers);
    return c;
}

static void close_case(golden_case *c)
{
    free(c->samples);
    ws_npy_deinit(&c->want);
}

/** The features [n_frames, width] to free(). */
static float *run(const golden_case *c, ws_cpu_level level)
{
    ws_feature_settings settings = c->settings;
    ws_features *features;

    settings.level = level;
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    float *out = malloc(settings.size * sizeof *out);
    assert_true(scratch != NULL && out != NULL);
    ws_features_run(features, c->samples, scratch, out);
    free(scratch);
    ws_features_destroy(features);
    return out;
}

static double mel_of(double hz)
{
    return 2595.0 * log10(1.0 + hz / 700.0);
}

/** The triangle of a band: its feet and its top, in Hz. */
static void find_triangle(size_t band, size_t n_bands, double hz[3])
{
    for (size_t i = 0; i < 3; i++) {
        const double mel = mel_of(8000.0) * (double)(band + i) / (double)(n_bands + 1);
        hz[i] = 700.0 * (pow(10.0, mel / 2595.0) - 1.0);
    }
}

/** Sample i of the clip, mirrored at its ends. */
static double mirrored(const golden_case *c, ptrdiff_t i)
{
    const ptrdiff_t n = (ptrdiff_t)c->settings.desired_samples;
    if (i < 0)
        i = -i;
    return (double)c->samples[i < n ? i : 2 * (n - 1) - i];
}

/** The plain reference: one frame by the defining sums; out [width]. */
static void make_plain_frame(const golden_case *c, size_t frame, double *out)
{
    const ws_feature_settings *s = &c->settings;
    const size_t n = s->fft_length, n_bins = n / 2 + 1, before = (n - s->window_samples) / 2;
    double *windowed = calloc(n, sizeof *windowed);

    assert_non_null(windowed);
    for (size_t i = 0; i < s->window_samples; i++) {
        const ptrdiff_t at =
            (ptrdiff_t)(frame * s->stride_samples + before + i) - (ptrdiff_t)(n / 2);
        windowed[before + i] =
            mirrored(c, at) * (0.5 - 0.5 * cos(2.0 * pi * (double)i / (double)s->window_samples));
    }
    memset(out, 0, s->width * sizeof *out);
    for (size_t k = 0; k < n_bins; k++) {
        const double hz = (double)k * s->sample_rate_hz / (double)n;
        double re = 0.0, im = 0.0;
        for (size_t i = 0; i < n; i++) {
            const double angle = 2.0 * pi * (double)(k * i % n) / (double)n;
            re += windowed[i] * cos(angle);
            im -= windowed[i] * sin(angle);
        }
        for (size_t band = 0; band < s->width; band++) {
            double feet[3];
            find_triangle(band, s->width, feet);
            const double rising = (hz - feet[0]) / (feet[1] - feet[0]);
            const double falling = (feet[2] - hz) / (feet[2] - feet[1]);
            out[band] += fmax(0.0, fmin(rising, falling)) * (re * re + im * im);
        }
    }
    for (size_t band = 0; band < s->width; band++)
        out[band] = log(out[band] + 1e-6);
    free(windowed);
}

static void check_against_plain_sums(const golden_case *c, const float *got)
{
    const size_t n_frames = c->settings.n_frames, width = c->settings.width;
    const size_t frames[] = {0, 1, 2, n_frames / 2, n_frames - 2, n_frames - 1};
    double want[64];

    assert_true(width <= sizeof want / sizeof *want);
    for (size_t f = 0; f < sizeof frames / sizeof *frames; f++) {
        make_plain_frame(c, frames[f], want);
        for (size_t k = 0; k < width; k++) {
            const double x = (double)got[frames[f] * width + k];
            if (!(fabs(x - want[k]) <= tolerance))
                fail_msg("%s: frame %zu, band %zu is %.9g, plainly %.9g", c->name, frames[f], k, x,
                         want[k]);
        }
    }
}

static void equal_to_torchaudio(void **state)
{
    ws_npz all;
    ws_error err;
    (void)state;
    if (ws_npz_read(WS_TESTS_DIR "/golden/data/log_mel.npz", &all, &err) != WS_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        golden_case c = open_case(&all, cases[i]);
        for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
            float *got = run(&c, (ws_cpu_level)level);
            for (size_t k = 0; k < c.want.n_items; k++) {
                const double want = ws_npy_item(&c.want, k);
                if (!(fabs((double)got[k] - want) <= tolerance))
                    fail_msg("%s, %s: number %zu is %.9g, torchaudio's %.9g", c.name,
                             ws_cpu_level_get_name((ws_cpu_level)level), k, (double)got[k], want);
            }
            check_against_plain_sums(&c, got);
            free(got);
        }
        close_case(&c);
    }
    ws_npz_deinit(&all);
}

static void a_second_has_the_recipes_shape(void **state)
{
    const ws_feature_options options = {"log_mel", 16000, 1000, 30.0, 10.0, RECIPE_BANDS};
    ws_feature_settings settings;
    (void)state;
    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    assert_int_equal(settings.n_frames, RECIPE_FRAMES);
    assert_int_equal(settings.size, RECIPE_FRAMES * RECIPE_BANDS);
    assert_true(ws_feature_settings_has_memory(&settings));
}

static void impossible_settings_are_named(void **state)
{
    static const struct {
        ws_feature_options options;
        const char *part;
    } refused[] = {
        {{"log_mel", 8000, 1000, 30.0, 10.0, 40}, "--sample_rate=8000: log_mel looks at sound up"},
        {{"log_mel", 16000, 1000, 30.0, 10.0, 1025},
         "--feature_bin_count=1025: log_mel has at most"},
        {{"log_mel", 16000, 31, 31.0, 10.0, 40}, NULL},
        {{"log_mel", 16000, 16, 16.0, 8.0, 40}, NULL},
        {{"log_mel", 16000, 20, 20.0, 10.0, 40}, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ws_feature_settings settings;
        ws_error err = {0};
        const ws_status status = ws_feature_settings_init(&refused[i].options, &settings, &err);
        if (refused[i].part == NULL) { /* half a transform is shorter than a window: always fits */
            assert_int_equal(status, WS_OK);
            continue;
        }
        assert_int_equal(status, WS_EUSAGE);
        assert_non_null(strstr(err.message, refused[i].part));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_torchaudio),
        cmocka_unit_test(a_second_has_the_recipes_shape),
        cmocka_unit_test(impossible_settings_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
