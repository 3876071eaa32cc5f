/*
 * dataset/silence: each kind against a plain statement of it in sines and sums, shares and levels,
 * and what is made where something is missing.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/silence_kind.h"
#include "support/check.h"
#include "support/sound_file.h"

enum { RATE_HZ = 16000, N = 16000, N_NOISE = 20000, N_CLIPS = 3000 };

static const double pi = 3.14159265358979323846;
static ws_noise *noise;
static float recording[N_NOISE];
static int16_t narrow[N];
static float wide[N];

/** What the clips of a test are: set before silence is made. */
static struct {
    ws_samples clip;
    ws_status status;
    size_t n_read;
} words;

static ws_status read_word(void *user, ws_random *random, ws_samples *samples)
{
    (void)user;
    (void)ws_random_below(random, 7);
    *samples = words.clip;
    words.n_read++;
    return words.status;
}

static ws_silence_parts parts(void)
{
    return (ws_silence_parts){.noise = noise,
                              .sample_rate_hz = RATE_HZ,
                              .n_samples = N,
                              .level = ws_cpu_level_get_best(),
                              .read_clip = read_word};
}

static void begin(ws_random *random, uint32_t sample)
{
    ws_random_init(random, 9, WS_RANDOM_TEST, 1, sample);
}

static int make_all(void **state)
{
    char dir[256], path[512];
    ws_random random;
    const ws_noise_options about = {.sample_rate_hz = RATE_HZ, .desired_samples = N};
    (void)state;
    begin(&random, 0);
    for (size_t i = 0; i < N_NOISE; i++)
        recording[i] = (float)((int)ws_random_below(&random, 2001) - 1000) / 32768.0f;
    ws_test_make_dir(dir, sizeof dir);
    (void)snprintf(path, sizeof path, "%s/a.wav", dir);
    ws_test_sound_write(path, &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 1, recording, N_NOISE});
    assert_int_equal(ws_noise_create_from(dir, &about, &noise, NULL), WS_OK);
    ws_test_remove_dir(dir);
    /* a word in the middle, a room around it, its end quieter than its beginning */
    for (size_t i = 0; i < N; i++) {
        const bool is_word = i > 4000 && i < 12000;
        const int loud = is_word ? 8000 : i < N / 2 ? 60 : 30;
        narrow[i] = (int16_t)((int)ws_random_below(&random, 2 * (uint32_t)loud) - loud);
        wide[i] = narrow[i] / 32768.0f;
    }
    words.clip = (ws_samples){.int16 = narrow, .n = N};
    words.status = WS_OK;
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    ws_noise_destroy(noise);
    return 0;
}

static double level_of(const float *samples, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)samples[i] * (double)samples[i];
    return 10.0 * log10(sum / (double)n);
}

/** The power of a band, by a Fourier sum at each hertz of it. */
static double band(const float *samples, double low, double high)
{
    double sum = 0.0;
    for (double hz = low; hz < high; hz += 1.0) {
        const double turn_c = cos(2.0 * pi * hz / RATE_HZ), turn_s = sin(2.0 * pi * hz / RATE_HZ);
        double x = 1.0, y = 0.0, c = 0.0, s = 0.0;
        for (size_t i = 0; i < N; i++) {
            const double turned = turn_c * x - turn_s * y;
            c += (double)samples[i] * x;
            s += (double)samples[i] * y;
            y = turn_s * x + turn_c * y;
            x = turned;
        }
        sum += c * c + s * s;
    }
    return sum;
}

/** White noise has the same power per hertz everywhere, pink loses 3 dB an octave, brown 6. */
static void colours_have_their_slopes(void **state)
{
    float *samples = malloc(N * sizeof *samples);
    size_t n_of_slope[3] = {0};
    (void)state;
    assert_non_null(samples);
    for (uint32_t i = 0; i < 12; i++) {
        ws_random random;
        begin(&random, i);
        const uint32_t colour = ws_random_below(&random, 3);
        begin(&random, i);
        ws_silence_fill_coloured(&random, samples, N);
        /* per hertz, from 250 Hz to 2 kHz: three octaves */
        const double low = band(samples, 200.0, 300.0), high = band(samples, 1950.0, 2050.0);
        const double slope = 10.0 * log10(high / low) / 3.0;
        assert_true(fabs(slope + 3.0 * colour) < 0.8); /* deviation 0.2 */
        n_of_slope[colour]++;
    }
    assert_true(n_of_slope[0] > 0 && n_of_slope[1] > 0 && n_of_slope[2] > 0);
    free(samples);
}

static void hum_is_a_sum_of_sines(void **state)
{
    float *got = malloc(N * sizeof *got), *want = malloc(N * sizeof *want);
    const ws_silence_parts all = parts();
    (void)state;
    assert_true(got != NULL && want != NULL);
    for (uint32_t i = 0; i < 20; i++) {
        ws_random random;
        begin(&random, i);
        assert_int_equal(ws_silence_hum.make(&all, &random, got), WS_OK);
        begin(&random, i);
        double hz = ws_random_below(&random, 2) == 0 ? 50.0 : 60.0;
        hz += 0.4 * (ws_random_uniform(&random) - 0.5);
        const uint32_t n = 1 + ws_random_below(&random, 12);
        const double hiss = pow(10.0, -0.5 - 2.0 * ws_random_uniform(&random));
        double amplitude = 1.0;
        ws_silence_fill_coloured(&random, want, N);
        for (size_t t = 0; t < N; t++)
            want[t] = (float)(hiss * (double)want[t]);
        for (uint32_t k = 1; k <= n; k++) {
            const double phase = 2.0 * pi * ws_random_uniform(&random);
            for (size_t t = 0; t < N; t++)
                want[t] +=
                    (float)(amplitude * sin(2.0 * pi * hz * k * (double)t / RATE_HZ + phase));
            amplitude *= 0.3 + 0.7 * ws_random_uniform(&random);
        }
        assert_close("hum", got, want, N, 1e-5);
    }
    free(got);
    free(want);
}

/** Grains from random places of the quieter end, each under half a sine. */
static void ends_are_made_of_grains(void **state)
{
    enum { END = 2400, GRAIN = 512, HALF = 256 };
    float *got = malloc(N * sizeof *got), *want = malloc(N * sizeof *want);
    float *floats = malloc(N * sizeof *floats);
    const ws_silence_parts all = parts();
    ws_random random;
    (void)state;
    assert_true(got != NULL && want != NULL && floats != NULL);
    words.clip = (ws_samples){.int16 = narrow, .n = N};
    begin(&random, 1);
    assert_int_equal(ws_silence_end.make(&all, &random, got), WS_OK);
    words.clip = (ws_samples){.floats = wide, .n = N};
    begin(&random, 1);
    assert_int_equal(ws_silence_end.make(&all, &random, floats), WS_OK);
    assert_memory_equal(floats, got, N * sizeof *got); /* from memory or from its file */
    begin(&random, 1);
    (void)ws_random_below(&random, 7);
    memset(want, 0, N * sizeof *want);
    for (int first = -HALF; first < N; first += HALF) {
        const uint32_t from = ws_random_below(&random, END - GRAIN + 1);
        for (int i = 0; i < GRAIN; i++)
            if (first + i >= 0 && first + i < N)
                want[first + i] += (float)(sin(pi * (i + 0.5) / GRAIN) *
                                           (double)wide[N - END + from + (uint32_t)i]);
    }
    assert_close("grains", got, want, N, 1e-7);
    const double level = level_of(wide + N - END, END); /* all along as loud as the end */
    for (size_t i = 0; i + 2000 <= N; i += 2000)
        assert_true(fabs(level_of(got + i, 2000) - level) < 1.0);
    words.clip = (ws_samples){.int16 = narrow, .n = N};
    free(got);
    free(want);
    free(floats);
}

static void without_a_quiet_end_there_is_no_end(void **state)
{
    static const int16_t zeros[N];
    static int16_t late[N];
    float *samples = malloc(N * sizeof *samples);
    const ws_silence_parts all = parts();
    ws_random random;
    (void)state;
    assert_non_null(samples);
    for (size_t i = 0; i < N; i++)
        late[i] = narrow[4001 + i % 7999]; /* a word from end to end */
    const ws_samples hopeless[] = {
        {.int16 = zeros, .n = N}, {.int16 = late, .n = N}, {.int16 = narrow, .n = 4799}, {.n = 0}};
    for (size_t i = 0; i < sizeof hopeless / sizeof *hopeless; i++) {
        words.clip = hopeless[i];
        words.n_read = 0;
        begin(&random, 1);
        assert_int_equal(ws_silence_end.make(&all, &random, samples), WS_ENOTFOUND);
        assert_int_equal(words.n_read, 8);
    }
    words.clip = (ws_samples){.int16 = narrow, .n = N};
    words.status = WS_ENOTFOUND;
    assert_int_equal(ws_silence_end.make(&all, &random, samples), WS_ENOTFOUND);
    words.status = WS_ENOMEM;
    words.n_read = 0;
    assert_int_equal(ws_silence_end.make(&all, &random, samples), WS_ENOMEM);
    assert_int_equal(words.n_read, 1);
    words.status = WS_OK;
    free(samples);
}

/** Over many clips: the share of zeros, every level from -90 to -10 dBFS, steps of 16 bits. */
static void shares_and_levels(void **state)
{
    float *samples = malloc(N * sizeof *samples);
    const ws_silence_parts all = parts();
    size_t n_zeros = 0, n_of_level[9] = {0};
    (void)state;
    assert_non_null(samples);
    for (uint32_t i = 0; i < N_CLIPS; i++) {
        ws_random random;
        begin(&random, i);
        assert_int_equal(ws_silence_make(&all, &random, samples), WS_OK);
        const double level = level_of(samples, N);
        for (size_t k = 0; k < N; k++) {
            const float step = samples[k] * 32768.0f;
            assert_true(step == (float)(int)step && step >= -32768.0f && step <= 32767.0f);
        }
        n_zeros += isinf(level) != 0;
        if (level > -90.0 && level < 0.0)
            n_of_level[(int)(-level / 10.0)]++;
    }
    /* a tenth is muted; the rest lies evenly in 8 steps of 10 dB, but for ends */
    assert_in_range(n_zeros, 240, 360);
    assert_int_equal(n_of_level[0], 0);
    for (size_t k = 1; k < 8; k++)
        assert_in_range(n_of_level[k], N_CLIPS / 20, N_CLIPS / 3);
    free(samples);
}

/** Each kind brings its own share; a kind that cannot be made gives it to coloured noise. */
static void shares_add_up(void **state)
{
    static const ws_silence_kind *const kinds[] = {&ws_silence_zeros, &ws_silence_hum,
                                                   &ws_silence_coloured, &ws_silence_recording,
                                                   &ws_silence_end};
    const ws_silence_parts all = parts();
    ws_silence_parts nothing = all;
    float *samples = malloc(N * sizeof *samples);
    uint32_t sum = 0;
    size_t n_zeros = 0;
    (void)state;
    assert_non_null(samples);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        sum += kinds[i]->percent;
    assert_int_equal(sum, 100);
    nothing.noise = NULL;
    words.status = WS_ENOTFOUND;
    for (uint32_t i = 0; i < 300; i++) {
        ws_random random;
        begin(&random, i);
        assert_int_equal(ws_silence_make(&nothing, &random, samples), WS_OK);
        n_zeros += isinf(level_of(samples, N)) != 0;
    }
    assert_in_range(n_zeros, 15, 80);
    words.status = WS_OK;
    free(samples);
}

static void silence_has_two_ways(void **state)
{
    ws_silence way;
    ws_error err;
    (void)state;
    assert_int_equal(ws_silence_find("original", &way, &err), WS_OK);
    assert_int_equal(way, WS_SILENCE_ORIGINAL);
    assert_int_equal(ws_silence_find("microphone", &way, &err), WS_OK);
    assert_int_equal(way, WS_SILENCE_MICROPHONE);
    assert_int_equal(ws_silence_find("", &way, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "original, microphone"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_have_their_slopes),
        cmocka_unit_test(hum_is_a_sum_of_sines),
        cmocka_unit_test(ends_are_made_of_grains),
        cmocka_unit_test(without_a_quiet_end_there_is_no_end),
        cmocka_unit_test(shares_and_levels),
        cmocka_unit_test(shares_add_up),
        cmocka_unit_test(silence_has_two_ways),
    };
    return cmocka_run_group_tests_name("silence", tests, make_all, remove_all);
}
