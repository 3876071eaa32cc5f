#include "kernels/micro_reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.141592653589793238462643383279502884;

static int count_bits(uint64_t x)
{
    int n = 0;
    for (; x != 0; x >>= 1)
        n++;
    return n;
}

static size_t length_for(size_t window)
{
    size_t length = 1;
    while (length < window)
        length *= 2;
    return length;
}

void reference_window(size_t n, int16_t *coefficients)
{
    const float step = (float)(2.0 * pi / (double)(float)n);
    for (size_t i = 0; i < n; i++) {
        const float height = (float)(0.5 - 0.5 * cos((double)step * ((double)i + 0.5)));
        coefficients[i] = (int16_t)floor((double)(height * 4096.0f) + 0.5);
    }
}

int16_t reference_apply(const int16_t *samples, const int16_t *coefficients, size_t n, int16_t *out)
{
    int16_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = (int16_t)((int32_t)samples[i] * coefficients[i] >> 12);
        const int16_t magnitude = (int16_t)(out[i] < 0 ? -out[i] : out[i]);
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

int reference_shift(int16_t largest)
{
    return 15 - count_bits((uint64_t)largest);
}

static int16_t rounded(int32_t x)
{
    return (int16_t)((x + (1 << 14)) >> 15);
}

static complex16 divided(complex16 x, int n)
{
    const int32_t factor = 32767 / n;
    return (complex16){rounded(x.re * factor), rounded(x.im * factor)};
}

static complex16 times(complex16 a, double phase)
{
    const int32_t re = (int16_t)floor(0.5 + 32767.0 * cos(phase));
    const int32_t im = (int16_t)floor(0.5 + 32767.0 * sin(phase));
    return (complex16){rounded(a.re * re - a.im * im), rounded(a.re * im + a.im * re)};
}

static complex16 sum_of(complex16 a, complex16 b)
{
    return (complex16){(int16_t)(a.re + b.re), (int16_t)(a.im + b.im)};
}

static complex16 difference_of(complex16 a, complex16 b)
{
    return (complex16){(int16_t)(a.re - b.re), (int16_t)(a.im - b.im)};
}

static void butterfly_2(complex16 *x, size_t m)
{
    for (size_t i = 0; i < m; i++) {
        const complex16 a = divided(x[i], 2);
        const complex16 b = times(divided(x[i + m], 2), -2.0 * pi * (double)i / (double)(2 * m));
        x[i] = sum_of(a, b);
        x[i + m] = difference_of(a, b);
    }
}

static void butterfly_4(complex16 *x, size_t m)
{
    for (size_t i = 0; i < m; i++) {
        const double phase = -2.0 * pi * (double)i / (double)(4 * m);
        complex16 a = divided(x[i], 4);
        const complex16 b = times(divided(x[i + m], 4), phase);
        const complex16 c = times(divided(x[i + 2 * m], 4), 2.0 * phase);
        const complex16 d = times(divided(x[i + 3 * m], 4), 3.0 * phase);
        const complex16 s5 = difference_of(a, c), s3 = sum_of(b, d), s4 = difference_of(b, d);
        a = sum_of(a, c);
        x[i] = sum_of(a, s3);
        x[i + 2 * m] = difference_of(a, s3);
        x[i + m] = (complex16){(int16_t)(s5.re + s4.im), (int16_t)(s5.im - s4.re)};
        x[i + 3 * m] = (complex16){(int16_t)(s5.re - s4.im), (int16_t)(s5.im + s4.re)};
    }
}

/** Of the n pairs that are step apart. */
static void transform(const int16_t *in, size_t step, size_t n, complex16 *out)
{
    if (n == 1) {
        *out = (complex16){in[0], in[1]};
        return;
    }
    const size_t base = n % 4 == 0 ? 4 : 2, m = n / base;
    for (size_t k = 0; k < base; k++)
        transform(in + 2 * k * step, step * base, m, out + k * m);
    if (base == 4)
        butterfly_4(out, m);
    else
        butterfly_2(out, m);
}

void reference_transform(const int16_t *in, size_t half, complex16 *out)
{
    transform(in, 1, half, out);
}

void reference_split(const complex16 *in, size_t half, complex16 *out)
{
    const complex16 first = divided(in[0], 2);
    out[0] = (complex16){(int16_t)(first.re + first.im), 0};
    out[half] = (complex16){(int16_t)(first.re - first.im), 0};
    for (size_t k = 1; k <= half / 2; k++) {
        const complex16 mirror = {in[half - k].re, (int16_t)-in[half - k].im};
        const complex16 p = divided(in[k], 2), q = divided(mirror, 2);
        const complex16 f1 = sum_of(p, q);
        const complex16 t = times(difference_of(p, q), -pi * ((double)k / (double)half + 0.5));
        out[k] = (complex16){(int16_t)((f1.re + t.re) >> 1), (int16_t)((f1.im + t.im) >> 1)};
        out[half - k] = (complex16){(int16_t)((f1.re - t.re) >> 1), (int16_t)((t.im - f1.im) >> 1)};
    }
}

static float mel_of(float hz)
{
    return (float)(1127.0 * log1p((double)hz / 700.0));
}

void reference_bank_init(reference_bank *bank, const ws_micro_bank_options *options)
{
    const float low = mel_of(options->lower_hz);
    const float spacing = (mel_of(options->upper_hz) - low) / (float)(options->n_channels + 1);
    const float hz = (float)(0.5 * options->sample_rate_hz / ((double)options->n_bins - 1.0));
    float before = low;

    memset(bank, 0, sizeof *bank);
    bank->n_channels = options->n_channels;
    bank->first_bin = (size_t)(1.5 + (double)(options->lower_hz / hz));
    size_t bin = bank->first_bin;
    for (size_t c = 0; c < options->n_channels + 1; c++) {
        const float centre = low + spacing * (float)(c + 1);
        for (; mel_of((float)bin * hz) <= centre; bin++, bank->widths[c]++) {
            const float weight = (centre - mel_of((float)bin * hz)) / (centre - before);
            bank->weights[bin] = (int16_t)floor((double)(weight * 4096.0f) + 0.5);
            bank->rests[bin] = (int16_t)floor((1.0 - (double)weight) * 4096.0 + 0.5);
        }
        before = centre;
    }
    bank->end_bin = bin;
}

void reference_bank_run(const reference_bank *bank, const complex16 *spectrum, uint64_t *work)
{
    uint64_t weighted = 0, rest = 0;
    size_t bin = bank->first_bin;

    for (size_t c = 0; c < bank->n_channels + 1; c++) {
        for (size_t i = 0; i < bank->widths[c]; i++, bin++) {
            const uint64_t energy = (uint64_t)((int64_t)spectrum[bin].re * spectrum[bin].re +
                                               (int64_t)spectrum[bin].im * spectrum[bin].im);
            weighted += energy * (uint64_t)bank->weights[bin];
            rest += energy * (uint64_t)bank->rests[bin];
        }
        work[c] = weighted;
        weighted = rest;
        rest = 0;
    }
}

uint32_t reference_root(uint64_t x)
{
    const uint64_t all_ones = x >> 32 == 0 ? 0xffff : 0xffffffff;
    uint64_t root = 0;
    for (int bit = 31; bit >= 0; bit--) {
        const uint64_t tried = root | UINT64_C(1) << bit;
        if (tried * tried <= x)
            root = tried;
    }
    if (x - root * root > root && root != all_ones)
        root++;
    return (uint32_t)root;
}

uint32_t reference_reduce(uint32_t level, size_t channel, uint32_t *noise)
{
    const uint32_t smoothing = channel % 2 == 0 ? 409 : 983;
    const uint32_t up = level << 10;
    const uint32_t estimate =
        (uint32_t)(((uint64_t)up * smoothing + (uint64_t)*noise * (16384 - smoothing)) >> 14);
    const uint32_t least = (uint32_t)((uint64_t)level * 819 >> 14);
    const uint32_t left = (up - (estimate > up ? up : estimate)) >> 10;
    *noise = estimate;
    return left > least ? left : least;
}

/** What levels lost in the FFT, in bits. */
static int correction_bits(size_t fft_length)
{
    return count_bits(fft_length) - 1 - 6;
}

static int16_t gain_at(uint32_t x, size_t fft_length)
{
    const int input_bits = 10 - correction_bits(fft_length);
    const float gain =
        (float)(1 << 21) * powf((float)x / (float)(1U << input_bits) + 80.0f, -0.95f);
    return gain > 32767.0f ? 32767 : (int16_t)((double)gain + 0.5);
}

static int16_t interpolated_gain(uint32_t x, size_t fft_length)
{
    if (x <= 2)
        return gain_at(x, fft_length);
    const int interval = count_bits(x);
    const uint32_t x0 = 1U << (interval - 1);
    const int32_t y0 = gain_at(x0, fft_length);
    const int32_t d1 = gain_at(x0 + x0 / 2, fft_length) - y0;
    const int32_t d2 = gain_at(interval == 32 ? x0 + (x0 - 1) : 2 * x0, fft_length) - y0;
    const int16_t a1 = (int16_t)(4 * d1 - d2), a2 = (int16_t)(d2 - a1);
    const int32_t place =
        (int32_t)((interval < 11 ? x << (11 - interval) : x >> (interval - 11)) & 0x3ff);
    const int32_t slope = (a2 * place >> 5) + a1 * 32;
    return (int16_t)(((slope * place + (1 << 14)) >> 15) + y0);
}

uint32_t reference_gain(uint32_t level, uint32_t noise, size_t fft_length)
{
    const uint32_t gain = (uint32_t)interpolated_gain(noise, fft_length);
    const uint32_t snr =
        (uint32_t)((uint64_t)level * gain >> (21 - correction_bits(fft_length) - 12));
    return snr < 8192 ? snr * snr >> 20 : (snr >> 6) - 64;
}

uint32_t reference_log(uint32_t level, size_t fft_length)
{
    const int correction = correction_bits(fft_length);
    const uint32_t x = correction < 0 ? level >> -correction : level << correction;
    if (x <= 1)
        return 0;
    const int integer = count_bits(x) - 1;
    const uint32_t above = x - (1U << integer);
    const int32_t fraction =
        (int32_t)(integer < 16 ? above << (16 - integer) : above >> (integer - 16));
    const int segment = fraction >> 9;
    int32_t table[2];
    for (int i = 0; i < 2; i++) {
        const double at = (segment + i) / 128.0;
        table[i] = (int32_t)lround(65536.0 * (log2(1.0 + at) - at));
    }
    const int32_t more = (table[1] - table[0]) * (fraction - 512 * segment) >> 16;
    const uint64_t in_twos = ((uint64_t)integer << 16) + (uint64_t)(fraction + table[0] + more);
    const uint64_t natural = (45426 * in_twos + 32768) >> 16;
    return (uint32_t)(((natural << 6) + 32768) >> 16);
}

/** What a frame's channels come to before noise is known. */
static void frame_levels(const ws_micro_options *options, const reference_bank *bank,
                         const int16_t *samples, uint32_t *levels)
{
    static int16_t coefficients[REFERENCE_MAX_LENGTH], in[REFERENCE_MAX_LENGTH];
    static complex16 work[REFERENCE_MAX_LENGTH], spectrum[REFERENCE_MAX_LENGTH];
    static uint64_t sums[REFERENCE_MAX_CHANNELS + 1];
    const size_t window = options->window_samples, half = length_for(window) / 2;

    memset(in, 0, sizeof in);
    reference_window(window, coefficients);
    const int shift = reference_shift(reference_apply(samples, coefficients, window, in));
    for (size_t i = 0; i < window; i++)
        in[i] = (int16_t)((uint16_t)in[i] << shift);
    reference_transform(in, half, work);
    reference_split(work, half, spectrum);
    reference_bank_run(bank, spectrum, sums);
    for (size_t c = 0; c < options->n_channels; c++)
        levels[c] = reference_root(sums[c + 1]) >> shift;
}

void reference_micro(const ws_micro_options *options, const float *samples, uint32_t *out)
{
    const size_t length = length_for(options->window_samples);
    const ws_micro_bank_options bank_options = {length / 2 + 1,      options->sample_rate_hz,
                                                options->n_channels, options->lower_hz,
                                                options->upper_hz,   false};
    static reference_bank bank;
    uint32_t noise[REFERENCE_MAX_CHANNELS] = {0}, levels[REFERENCE_MAX_CHANNELS];
    int16_t *whole = malloc(options->n_samples * sizeof *whole);

    if (whole == NULL)
        abort();
    for (size_t i = 0; i < options->n_samples; i++)
        whole[i] = (int16_t)fmaxf(-32768.0f, fminf(samples[i] * options->sample_scale, 32767.0f));
    reference_bank_init(&bank, &bank_options);
    for (size_t at = 0; at + options->window_samples <= options->n_samples;
         at += options->stride_samples) {
        frame_levels(options, &bank, whole + at, levels);
        for (size_t c = 0; c < options->n_channels; c++) {
            const uint32_t level = reference_reduce(levels[c], c, &noise[c]);
            *out++ = reference_log(reference_gain(level, noise[c], length), length);
        }
    }
    free(whole);
}
