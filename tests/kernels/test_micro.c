/* The fixed-point front end: a plain reference against TensorFlow's own figures, and the fast one
 * against the reference on every instruction set, in all geometries. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/micro_kernels.h"
#include "base/random.h"
#include "kernels/guarded.h"
#include "kernels/micro_reference.h"

enum { LANES = WS_MICRO_LANES };

#define FOR_ALL_LEVELS(level) \
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)

/* TensorFlow's own test: 1000 Hz, 25 ms, 10 ms, two channels, 0 32767 0 -32768 repeated. */
enum { TF_RATE = 1000, TF_WINDOW = 25, TF_STRIDE = 10, TF_LENGTH = 32, TF_SAMPLES = 85 };
static const ws_micro_bank_options tf_bank = {TF_LENGTH / 2 + 1, TF_RATE, 2, 8.0f, 450.0f, false};
static const int16_t tf_period[4] = {0, 32767, 0, -32768};

static void window_is_tensorflows(void **state)
{
    static const int16_t want[13] = {16,   144,  391,  743,  1176, 1664, 2177,
                                     2681, 3145, 3541, 3843, 4032, 4096};
    static const int16_t want_windowed[25] = {0, 1151,   0, -5944, 0, 13311,  0, -21448, 0, 28327,
                                              0, -32256, 0, 32255, 0, -28328, 0, 21447,  0, -13312,
                                              0, 5943,   0, -1152, 0};
    int16_t got[TF_WINDOW], samples[TF_WINDOW], windowed[TF_WINDOW];
    (void)state;
    reference_window(TF_WINDOW, got);
    for (size_t i = 0; i < TF_WINDOW; i++) {
        assert_int_equal(got[i], want[i < 13 ? i : 24 - i]);
        samples[i] = tf_period[i % 4];
    }
    assert_int_equal(reference_apply(samples, got, TF_WINDOW, windowed), 32256);
    assert_memory_equal(windowed, want_windowed, sizeof windowed);
    assert_int_equal(reference_shift(32256), 0);
    assert_int_equal(reference_shift(0), 15);
}

/** The spectrum of the first frame of TensorFlow's test. */
static void tf_spectrum(complex16 spectrum[TF_LENGTH / 2 + 1])
{
    int16_t coefficients[TF_WINDOW], samples[TF_WINDOW], in[TF_LENGTH] = {0};
    complex16 work[TF_LENGTH / 2];
    for (size_t i = 0; i < TF_WINDOW; i++)
        samples[i] = tf_period[i % 4];
    reference_window(TF_WINDOW, coefficients);
    reference_apply(samples, coefficients, TF_WINDOW, in);
    reference_transform(in, TF_LENGTH / 2, work);
    reference_split(work, TF_LENGTH / 2, spectrum);
}

static void spectrum_is_tensorflows(void **state)
{
    static const complex16 want[17] = {
        {0, 0},    {-10, 9},     {-20, 0},   {-9, -10},     {0, 25},  {-119, 119},
        {-887, 0}, {3000, 3000}, {0, -6401}, {-3000, 3000}, {886, 0}, {118, 119},
        {0, 25},   {9, -10},     {19, 0},    {9, 9},        {0, 0}};
    complex16 got[17];
    (void)state;
    tf_spectrum(got);
    assert_memory_equal(got, want, sizeof got);
}

static void channels_are_tensorflows(void **state)
{
    static const uint64_t want[3] = {1835887, UINT64_C(61162970173), UINT64_C(258694800000)};
    static const int16_t weights[16] = {0,   3277, 2217, 1200, 222,  3376, 2468, 1591,
                                        744, 4020, 3226, 2456, 1708, 983,  277,  0};
    static const int16_t rests[16] = {0,    819, 1879, 2896, 3874, 720,  1628, 2505,
                                      3352, 76,  870,  1640, 2388, 3113, 3819, 0};
    complex16 spectrum[TF_LENGTH / 2 + 1];
    reference_bank bank;
    ws_micro_bank fast;
    uint64_t got[3];
    (void)state;
    reference_bank_init(&bank, &tf_bank);
    assert_memory_equal(bank.weights, weights, sizeof weights);
    assert_memory_equal(bank.rests, rests, sizeof rests);
    assert_int_equal(bank.first_bin, 1);
    assert_int_equal(bank.end_bin, 15);
    tf_spectrum(spectrum);
    reference_bank_run(&bank, spectrum, got);
    assert_memory_equal(got, want, sizeof got);
    assert_int_equal(reference_root(got[1]), 247311);
    assert_int_equal(reference_root(got[2]), 508620);
    assert_int_equal(ws_micro_bank_init(&fast, &tf_bank, NULL), WS_OK);
    for (size_t i = 0; i < 15; i++) {
        assert_true(fast.falling[i] == (double)weights[i]);
        assert_true(fast.rising[i] == (double)rests[i]);
    }
    ws_micro_bank_deinit(&fast);
}

/** Single precision moves few weights, and none by more than one. */
static void device_weights_are_near(void **state)
{
    static const struct {
        ws_micro_bank_options options;
        size_t most; /* weights that differ */
    } cases[] = {
        {{257, 16000, 40, 125.0f, 7500.0f, false}, 20},
        {{257, 16000, 32, 125.0f, 7500.0f, false}, 20},
        {{1025, 44100, 40, 125.0f, 7500.0f, false}, 30},
        {{1025, 44100, 20, 20.0f, 20000.0f, false}, 30},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_micro_bank_options options = cases[i].options;
        ws_micro_bank exact, device;
        size_t n = 0;
        assert_int_equal(ws_micro_bank_init(&exact, &options, NULL), WS_OK);
        options.is_device = true;
        assert_int_equal(ws_micro_bank_init(&device, &options, NULL), WS_OK);
        assert_int_equal(device.first_bin, exact.first_bin);
        assert_int_equal(device.end_bin, exact.end_bin);
        assert_memory_equal(device.edges, exact.edges,
                            (options.n_channels + 2) * sizeof *exact.edges);
        for (size_t bin = exact.first_bin; bin < exact.end_bin; bin++) {
            assert_true(fabs(device.falling[bin] - exact.falling[bin]) <= 1.0);
            assert_true(fabs(device.rising[bin] - exact.rising[bin]) <= 1.0);
            n += (size_t)(device.falling[bin] != exact.falling[bin]) +
                 (size_t)(device.rising[bin] != exact.rising[bin]);
        }
        assert_in_range(n, 1, cases[i].most);
        ws_micro_bank_deinit(&exact);
        ws_micro_bank_deinit(&device);
    }
}

static void levels_are_tensorflows(void **state)
{
    uint32_t noise[2] = {0, 0};
    (void)state;
    assert_int_equal(reference_reduce(247311, 0, &noise[0]), 241137);
    assert_int_equal(reference_reduce(508620, 1, &noise[1]), 478104);
    assert_int_equal(noise[0], 6321887);
    assert_int_equal(noise[1], 31248341);
    assert_int_equal(reference_gain(241137, noise[0], TF_LENGTH), 3578);
    assert_int_equal(reference_gain(478104, noise[1], TF_LENGTH), 1533);
    assert_int_equal(reference_log(3578, TF_LENGTH), 479);
    assert_int_equal(reference_log(1533, TF_LENGTH), 425);
}

static uint32_t *new_numbers(size_t n)
{
    return zeros_create(n, sizeof(uint32_t));
}

/** The fast features as whole numbers, the last ones against guards. */
static uint32_t *run_fast(const ws_micro_options *options, ws_cpu_level level, const float *samples,
                          size_t *n)
{
    ws_micro micro;
    assert_int_equal(ws_micro_init(&micro, options, NULL), WS_OK);
    micro.level = level;
    *n = micro.n_frames * micro.n_channels;
    guarded out = guarded_create(*n);
    guarded scratch = guarded_create(ws_micro_scratch_bytes(&micro) / sizeof(float));
    uint32_t *numbers = new_numbers(*n);
    ws_micro_run(&micro, samples, scratch.at, out.at);
    for (size_t i = 0; i < *n; i++) {
        numbers[i] = (uint32_t)(out.at[i] / WS_MICRO_UNIT);
        assert_true(out.at[i] == WS_MICRO_UNIT * (float)numbers[i]);
    }
    guarded_destroy(&scratch);
    guarded_destroy(&out);
    ws_micro_deinit(&micro);
    return numbers;
}

static void frames_are_tensorflows(void **state)
{
    static const uint32_t want[14] = {479, 425, 436, 378, 410, 350, 391,
                                      325, 374, 308, 362, 292, 352, 275};
    const ws_micro_options options = {TF_SAMPLES, TF_WINDOW, TF_STRIDE, TF_RATE, 2,
                                      8.0f,       450.0f,    32768.0f,  false};
    float samples[TF_SAMPLES];
    uint32_t plain[14];
    size_t n;
    (void)state;
    for (size_t i = 0; i < TF_SAMPLES; i++)
        samples[i] = (float)tf_period[i % 4] / 32768.0f;
    reference_micro(&options, samples, plain);
    assert_memory_equal(plain, want, sizeof want);
    FOR_ALL_LEVELS(level)
    {
        uint32_t *got = run_fast(&options, level, samples, &n);
        assert_int_equal(n, 14);
        assert_memory_equal(got, want, sizeof want);
        free(got);
    }
}

static void clips_are_the_references(void **state)
{
    /* lengths of the transform from 4 to 4096, odd and even layers of it; odd strides, strides over
     * a window; fewer, more and as many frames as lanes; channels that fill no register, more of
     * them than bins; rates just high enough */
    static const ws_micro_options cases[] = {
        {16000, 480, 160, 16000, 40, 125.0f, 7500.0f, 32768.0f, false},
        {16000, 480, 320, 16000, 40, 125.0f, 7500.0f, 32767.0f, false},
        {9000, 513, 101, 16000, 41, 125.0f, 7500.0f, 32768.0f, false},
        {5555, 255, 77, 16000, 1, 125.0f, 7500.0f, 32768.0f, false},
        {9999, 1323, 441, 44100, 40, 125.0f, 7500.0f, 32768.0f, false},
        {30000, 4095, 999, 48000, 99, 125.0f, 7500.0f, 32768.0f, false},
        {2000, 100, 250, 15002, 17, 125.0f, 7500.0f, 32768.0f, false},
        {1000, 33, 3, 16000, 33, 125.0f, 7500.0f, 32768.0f, false},
        {300, 16, 16, 16000, 128, 125.0f, 7500.0f, 32768.0f, false},
        {200, 5, 2, 1000, 3, 8.0f, 450.0f, 32768.0f, false},
        {20, 3, 1, 1000, 2, 8.0f, 240.0f, 32768.0f, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ws_micro_options *options = &cases[i];
        float *samples = zeros_create(options->n_samples, sizeof *samples);
        for (int loudness = 0; loudness < 5; loudness++) {
            static const float gains[5] = {0.0f, 0.0002f, 0.03f, 1.0f, 3.0f}; /* the last clips */
            fill_random(samples, options->n_samples, (uint32_t)(5 * i) + (uint32_t)loudness);
            for (size_t k = 0; k < options->n_samples; k++)
                samples[k] *= gains[loudness] * (k % 1000 < 500 ? 1.0f : 0.1f);
            uint32_t *want = new_numbers((options->n_samples + 1) * options->n_channels);
            reference_micro(options, samples, want);
            FOR_ALL_LEVELS(level)
            {
                size_t n;
                uint32_t *got = run_fast(options, level, samples, &n);
                for (size_t k = 0; k < n; k++) {
                    if (got[k] != want[k])
                        fail_msg("case %zu, loudness %d, %s: number %zu is %u, expected %u", i,
                                 loudness, ws_cpu_level_get_name(level), k, got[k], want[k]);
                }
                free(got);
            }
            free(want);
        }
        free(samples);
    }
}

static void odd_samples_are_saturated(void **state)
{
    static const float odd[5] = {(float)NAN, (float)INFINITY, -(float)INFINITY, 1e30f, -1.5f};
    static const float plain[5] = {-1.0f, 1.0f, -1.0f, 1.0f, -1.0f};
    const ws_micro_options options = {600, 480, 20, 16000, 40, 125.0f, 7500.0f, 32768.0f, false};
    float samples[600], same[600];
    (void)state;
    fill_random(samples, 600, 1);
    memcpy(same, samples, sizeof same);
    for (size_t i = 0; i < 600; i += 11) {
        samples[i] = odd[i % 5];
        same[i] = plain[i % 5];
    }
    FOR_ALL_LEVELS(level)
    {
        size_t n;
        uint32_t *got = run_fast(&options, level, samples, &n);
        uint32_t *want = run_fast(&options, level, same, &n);
        assert_memory_equal(got, want, n * sizeof *got);
        free(got);
        free(want);
    }
}

/** Random bits in the rows of an array. */
static void fill_bits(int32_t *rows, size_t n, uint32_t stream)
{
    ws_random random;
    ws_random_init(&random, 3, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i < n; i++)
        rows[i] = (int32_t)ws_random_below(&random, UINT32_MAX);
}

static int32_t *rows_of(const guarded *rows)
{
    return (int32_t *)(void *)rows->at;
}

static complex16 number_of(int32_t pair)
{
    return (complex16){(int16_t)(pair & 0xffff), (int16_t)(pair >> 16)};
}

/** All numbers at random, so that sums wrap: transforms of every length on every level. */
static void transforms_are_the_references(void **state)
{
    enum { MAX_HALF = 1024 };
    static int16_t in[2 * MAX_HALF];
    static complex16 want[MAX_HALF], want_split[MAX_HALF + 1];
    (void)state;
    for (size_t half = 2; half <= MAX_HALF; half *= 2) {
        ws_micro_fft fft;
        guarded pairs = guarded_create(half * LANES);
        int32_t shifts[LANES];
        assert_int_equal(ws_micro_fft_init(&fft, 2 * half, NULL), WS_OK);
        fill_bits(rows_of(&pairs), half * LANES, (uint32_t)half);
        for (int lane = 0; lane < LANES; lane++)
            shifts[lane] = lane < 4 ? 0 : lane;
        FOR_ALL_LEVELS(level)
        {
            const ws_micro_fft_kernels *kernels = ws_micro_fft_kernels_get(level);
            guarded out = guarded_create(half * LANES), bins = guarded_create((half + 1) * LANES);
            kernels->transform(&fft, rows_of(&pairs), shifts, rows_of(&out));
            kernels->split(&fft, rows_of(&out), rows_of(&bins));
            for (size_t lane = 0; lane < LANES; lane++) {
                for (size_t i = 0; i < half; i++) {
                    const complex16 x = number_of(rows_of(&pairs)[i * LANES + lane]);
                    in[2 * i] = (int16_t)((uint16_t)x.re << shifts[lane]);
                    in[2 * i + 1] = (int16_t)((uint16_t)x.im << shifts[lane]);
                }
                reference_transform(in, half, want);
                reference_split(want, half, want_split);
                for (size_t i = 0; i <= half; i++) {
                    const complex16 bin = number_of(rows_of(&bins)[i * LANES + lane]);
                    assert_memory_equal(&bin, &want_split[i], sizeof bin);
                }
            }
            guarded_destroy(&out);
            guarded_destroy(&bins);
        }
        guarded_destroy(&pairs);
        ws_micro_fft_deinit(&fft);
    }
}

enum { MAX_SQUARES = 16 };

/** Writes x as energies of bins, one lane of them, with the weights 2, 1, 1, ... */
static void write_as_energies(uint64_t x, int32_t *bins)
{
    const uint64_t twice_largest = 2 * 2 * (uint64_t)32767 * 32767;
    memset(bins, 0, MAX_SQUARES * LANES * sizeof *bins);
    if (x >= twice_largest) {
        bins[0] = 32767 | 32767 << 16;
        x -= twice_largest;
    }
    for (int i = 1; x > 0; i++) {
        assert_true(i < MAX_SQUARES);
        const uint64_t root = (uint64_t)sqrt((double)x);
        const uint64_t side = root > 32767 ? 32767 : root;
        bins[i * LANES] = (int32_t)side;
        x -= side * side;
    }
}

/** Roots around the middle of two numbers, where they are rounded up, and at the ends. */
static void roots_are_the_references(void **state)
{
    static const uint64_t roots[] = {0, 1, 2, 3, 100, 4096, 46340, 65534, 65535, 65536, 70000};
    double falling[MAX_SQUARES] = {2}, rising[MAX_SQUARES] = {0};
    size_t edges[3] = {0, 0, MAX_SQUARES};
    const ws_micro_bank bank = {1, 0, MAX_SQUARES, edges, falling, rising};
    guarded bins = guarded_create(MAX_SQUARES * LANES);
    const int32_t shifts[LANES] = {0};
    (void)state;
    for (size_t i = 1; i < MAX_SQUARES; i++)
        falling[i] = 1;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        for (int64_t off = -2; off <= 2; off++) {
            for (int middle = 0; middle < 2; middle++) {
                const int64_t x = (int64_t)(roots[i] * roots[i] + (middle ? roots[i] : 0)) + off;
                if (x < 0)
                    continue;
                write_as_energies((uint64_t)x, rows_of(&bins));
                FOR_ALL_LEVELS(level)
                {
                    guarded energies = guarded_create(MAX_SQUARES * LANES);
                    guarded out = guarded_create(LANES);
                    ws_micro_kernels_get(level)->channels(&bank, rows_of(&bins), shifts,
                                                          rows_of(&energies), rows_of(&out));
                    assert_int_equal(rows_of(&out)[0], reference_root((uint64_t)x));
                    assert_int_equal(rows_of(&out)[1], 0);
                    guarded_destroy(&energies);
                    guarded_destroy(&out);
                }
            }
        }
    }
    guarded_destroy(&bins);
}

/** Levels up to the largest, over frames and channels that fill no register. */
static void levels_are_the_references(void **state)
{
    enum { N_CHANNELS = 45, N_ROOMS = 48, N_FRAMES = 13 };
    guarded roots = guarded_create(N_ROOMS * LANES);
    (void)state;
    for (size_t length = 4; length <= WS_MICRO_MAX_WINDOW; length *= 2) {
        ws_micro micro = {.n_channels = N_CHANNELS};
        ws_micro_gain_init(&micro.gain, length, false);
        fill_bits(rows_of(&roots), N_ROOMS * LANES, (uint32_t)length);
        for (size_t i = 0; i < N_ROOMS * LANES; i++) /* of all sizes below 2^26 */
            rows_of(&roots)[i] = (int32_t)((uint32_t)rows_of(&roots)[i] >> (6 + i / LANES % 26));
        FOR_ALL_LEVELS(level)
        {
            guarded noise = guarded_create(N_ROOMS), out = guarded_create(N_FRAMES * N_CHANNELS);
            uint32_t want_noise[N_CHANNELS] = {0};
            memset(noise.at, 0, N_ROOMS * sizeof(int32_t));
            ws_micro_kernels_get(level)->finish(&micro, N_FRAMES, rows_of(&roots), rows_of(&noise),
                                                out.at);
            for (size_t at = 0; at < (size_t)N_FRAMES * N_CHANNELS; at++) {
                const size_t i = at % N_CHANNELS, frame = at / N_CHANNELS;
                const uint32_t level_now = reference_reduce(
                    (uint32_t)rows_of(&roots)[i * LANES + frame], i, &want_noise[i]);
                const uint32_t want =
                    reference_log(reference_gain(level_now, want_noise[i], length), length);
                assert_true(out.at[at] == WS_MICRO_UNIT * (float)want);
            }
            assert_memory_equal(noise.at, want_noise, sizeof want_noise);
            guarded_destroy(&noise);
            guarded_destroy(&out);
        }
    }
    guarded_destroy(&roots);
}

static void impossible_geometry_is_refused(void **state)
{
    static const struct {
        ws_micro_options options;
        const char *sentence;
    } cases[] = {
        {{16000, 2, 1, 16000, 40, 125.0f, 7500.0f, 32768.0f, false}, "window of 2 samples"},
        {{99999, 32769, 1, 16000, 40, 125.0f, 7500.0f, 32768.0f, false}, "window of 32769 samples"},
        {{16000, 480, 0, 16000, 40, 125.0f, 7500.0f, 32768.0f, false}, "stride of 0 samples"},
        {{479, 480, 160, 16000, 40, 125.0f, 7500.0f, 32768.0f, false}, "clip of 479 samples"},
        {{16000, 480, 160, 16000, 0, 125.0f, 7500.0f, 32768.0f, false}, "0 micro channels"},
        {{16000, 480, 160, 15000, 40, 125.0f, 7500.0f, 32768.0f, false}, "rate of 15000 Hz"},
        {{16000, 480, 160, 8000, 40, 125.0f, 7500.0f, 32768.0f, false}, "rate of 8000 Hz"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_micro micro;
        ws_error err;
        assert_int_equal(ws_micro_init(&micro, &cases[i].options, &err), WS_EINVAL);
        assert_non_null(strstr(err.message, cases[i].sentence));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_is_tensorflows),
        cmocka_unit_test(spectrum_is_tensorflows),
        cmocka_unit_test(channels_are_tensorflows),
        cmocka_unit_test(device_weights_are_near),
        cmocka_unit_test(levels_are_tensorflows),
        cmocka_unit_test(frames_are_tensorflows),
        cmocka_unit_test(transforms_are_the_references),
        cmocka_unit_test(roots_are_the_references),
        cmocka_unit_test(levels_are_the_references),
        cmocka_unit_test(clips_are_the_references),
        cmocka_unit_test(odd_samples_are_saturated),
        cmocka_unit_test(impossible_geometry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
