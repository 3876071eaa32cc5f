/* audio/polyphase against its definition in double precision, against libsoxr, and by tones. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/polyphase.h"
#include "audio/sound.h"
#include "base/random.h"
#include "support/check.h"

static const double pi = 3.14159265358979323846;

typedef struct rates {
    int from_hz, to_hz;
} rates;

static const rates usual[] = {
    {48000, 16000}, {44100, 16000}, {8000, 16000}, {22050, 16000}, {16000, 44100}, {96000, 8000},
};
/* their ratios have more phases than the table */
static const rates odd[] = {{44101, 16000}, {15999, 16000}, {47999, 16001}};

/** Converts all of it, in pieces of random lengths if a seed is given. @param n_out  set */
static float *convert(rates r, const float *in, size_t n_in, unsigned seed, size_t *n_out)
{
    const size_t room = (size_t)((double)n_in * r.to_hz / r.from_hz) + 16;
    float *out = calloc(room, sizeof *out);
    ws_polyphase *converter;
    ws_random random;
    size_t n_used, at = 0, n;

    assert_non_null(out);
    ws_random_init(&random, seed, WS_RANDOM_TEST, 0, 0);
    assert_int_equal(ws_polyphase_create(r.from_hz, r.to_hz, &converter, NULL), WS_OK);
    *n_out = 0;
    while (at < n_in) {
        const size_t piece = seed == 0 ? n_in : 1 + (size_t)(5000.0 * ws_random_uniform(&random));
        const size_t some = seed == 0 ? room : 1 + (size_t)(900.0 * ws_random_uniform(&random));
        const ws_polyphase_job job = {in + at, n_in - at < piece ? n_in - at : piece, out + *n_out,
                                      room - *n_out < some ? room - *n_out : some};
        *n_out += ws_polyphase_run(converter, &job, &n_used);
        at += n_used;
    }
    while ((n = ws_polyphase_finish(converter, out + *n_out, room - *n_out)) > 0)
        *n_out += n;
    ws_polyphase_destroy(converter);
    return out;
}

static float *make_noise(size_t n)
{
    float *in = malloc(n * sizeof *in);
    ws_random random;

    assert_non_null(in);
    ws_random_init(&random, 3, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        in[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    return in;
}

static double bessel(double x)
{
    double sum = 1.0, term = 1.0;
    for (int k = 1; k < 60; k++)
        sum += term *= x * x / (4.0 * k * k);
    return sum;
}

/** The sample at a time, by a sum over the whole input; each sample's share is divided by the sum
 *  of the shares that an endless input would have. */
static double reference(rates r, const float *in, size_t n_in, double time)
{
    const double ratio = r.to_hz < r.from_hz ? (double)r.to_hz / r.from_hz : 1.0;
    const double reach = 64.0 / ratio, cutoff = (0.5 - 0.0446 / 2.0) * ratio;
    double sum = 0.0, shares = 0.0;

    for (long i = (long)(time - reach) - 1; i <= (long)(time + reach) + 1; i++) {
        const double u = (time - (double)i) / reach, x = 2.0 * pi * cutoff * (time - (double)i);
        if (fabs(u) >= 1.0)
            continue;
        const double share = bessel(8.9549 * sqrt(1.0 - u * u)) * (x == 0.0 ? 1.0 : sin(x) / x);
        shares += share;
        if (i >= 0 && i < (long)n_in)
            sum += share * (double)in[i];
    }
    return sum / shares;
}

static void check_reference(rates r, double tolerance)
{
    enum { N = 3000 };
    float *in = make_noise(N);
    size_t n_out;
    float *out = convert(r, in, N, 0, &n_out);

    assert_int_equal(n_out,
                     ((size_t)N * (size_t)r.to_hz + (size_t)r.from_hz - 1) / (size_t)r.from_hz);
    for (size_t k = 0; k < n_out; k++)
        assert_true(fabs((double)out[k] - reference(r, in, N, (double)k * r.from_hz / r.to_hz)) <
                    tolerance);
    free(in);
    free(out);
}

static void equals_its_definition(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        check_reference(usual[i], 2e-6);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        check_reference(odd[i], 1e-5);
}

static void pieces_give_the_same_bits(void **state)
{
    enum { N = 100000 };
    float *in = make_noise(N);
    (void)state;

    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        size_t n_whole, n_cut;
        float *whole = convert(usual[i], in, N, 0, &n_whole);
        for (unsigned seed = 1; seed < 4; seed++) {
            float *cut = convert(usual[i], in, N, seed, &n_cut);
            assert_int_equal(n_cut, n_whole);
            assert_memory_equal(cut, whole, n_whole * sizeof *whole);
            free(cut);
        }
        free(whole);
    }
    free(in);
}

/** The level in dB of what a tone of full scale becomes, at the frequency of a tone. */
static double level_of(rates r, double in_hz, double out_hz)
{
    enum { N = 40000 };
    float *in = malloc(N * sizeof *in);
    double re = 0.0, im = 0.0, weights = 0.0;
    size_t n_out;

    assert_non_null(in);
    for (size_t i = 0; i < N; i++)
        in[i] = (float)sin(2.0 * pi * in_hz * (double)i / r.from_hz);
    float *out = convert(r, in, N, 0, &n_out);
    for (size_t k = 0; k < n_out; k++) {
        const double weight = pow(sin(pi * (double)k / (double)n_out), 4.0);
        const double angle = 2.0 * pi * out_hz * (double)k / r.to_hz;
        weights += weight / 2.0;
        re += weight * (double)out[k] * cos(angle);
        im += weight * (double)out[k] * sin(angle);
    }
    free(in);
    free(out);
    return 20.0 * log10(hypot(re, im) / weights + 1e-12);
}

static void keeps_speech_and_nothing_above(void **state)
{
    static const rates r = {48000, 16000};
    (void)state;

    for (double hz = 100.0; hz <= 7250.0; hz += 650.0)
        assert_true(fabs(level_of(r, hz, hz)) < 0.01);
    /* 10 kHz would be heard as 6 kHz */
    for (double hz = 8050.0; hz < 16000.0; hz += 650.0)
        assert_true(level_of(r, hz, 16000.0 - hz) < -85.0);
    assert_true(fabs(level_of((rates){8000, 16000}, 3600.0, 3600.0)) < 0.01);
    assert_true(level_of((rates){8000, 16000}, 3600.0, 4400.0) < -85.0); /* the image */
}

/** libsoxr is another filter: the same sound where there is nothing near half the rate. */
static void agrees_with_soxr(void **state)
{
    enum { N = 48000 };
    ws_sound sound = {.samples = malloc(N * sizeof(float)),
                      .n_samples = N,
                      .sample_rate_hz = 48000,
                      .file_rate_hz = 48000};
    size_t n_out;
    (void)state;

    assert_non_null(sound.samples);
    for (size_t i = 0; i < N; i++) /* 50 Hz to 6 kHz, rising and falling in loudness */
        sound.samples[i] =
            (float)(0.5 * sin(pi * (double)i / N) *
                    sin(2.0 * pi * (50.0 + 2975.0 * (double)i / N) * (double)i / 48000.0));
    float *own = convert((rates){48000, 16000}, sound.samples, N, 0, &n_out);
    assert_int_equal(ws_sound_resample(&sound, 16000, NULL), WS_OK);
    assert_int_equal(sound.n_samples, n_out);
    assert_close("samples", own, sound.samples, n_out, 1e-4);
    free(own);
    ws_sound_deinit(&sound);
}

static void a_reset_forgets(void **state)
{
    float *in = make_noise(5000), first[4000], again[4000];
    ws_polyphase *converter;
    size_t n_used;
    (void)state;

    assert_int_equal(ws_polyphase_create(44100, 16000, &converter, NULL), WS_OK);
    const size_t n =
        ws_polyphase_run(converter, &(ws_polyphase_job){in, 5000, first, 4000}, &n_used);
    assert_true(n > 1600 && n_used == 5000);
    ws_polyphase_reset(converter);
    assert_int_equal(
        ws_polyphase_run(converter, &(ws_polyphase_job){in, 5000, again, 4000}, &n_used), n);
    assert_memory_equal(first, again, n * sizeof *first);
    ws_polyphase_destroy(converter);
    free(in);
}

static void impossible_rates_are_refused(void **state)
{
    ws_polyphase *converter;
    ws_error err;
    (void)state;

    assert_int_equal(ws_polyphase_create(0, 16000, &converter, &err), WS_EINVAL);
    assert_null(converter);
    assert_int_equal(ws_polyphase_create(16000, 1000001, &converter, &err), WS_EINVAL);
    assert_int_equal(ws_polyphase_create(1000000, 15624, &converter, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "at most 64 times apart"));
    assert_int_equal(ws_polyphase_create(1000000, 15625, &converter, NULL), WS_OK);
    ws_polyphase_destroy(converter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_its_definition),
        cmocka_unit_test(pieces_give_the_same_bits),
        cmocka_unit_test(keeps_speech_and_nothing_above),
        cmocka_unit_test(agrees_with_soxr),
        cmocka_unit_test(a_reset_forgets),
        cmocka_unit_test(impossible_rates_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
