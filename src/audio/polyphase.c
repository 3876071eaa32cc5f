#include "audio/polyphase.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/divisor.h"

/* Phases that are tabulated. Between those of a ratio with more, taps are interpolated: at most
 * 2^-20 off. */
enum { MAX_PHASES = 1024, LANES = 8, BLOCK = 1024 };

/* Of the Kaiser window: 90 dB, by its usual formulas. */
#define BETA       8.9549
/* From the pass band to the stop band, in units of the lower rate. */
#define TRANSITION 0.0446

struct ws_polyphase {
    size_t up, down; /* to_hz and from_hz without their common divisor */
    size_t half;     /* taps on each side of a place between two samples */
    size_t n_taps;   /* 2 * half, rounded up to LANES with zeros */
    size_t n_phases; /* of the table, which has one row more */
    float *taps;     /* [n_phases + 1, n_taps] owned */
    float *between;  /* [n_taps] owned; taps of a phase that is not in the table */
    float *buffer;   /* [n_taps + BLOCK] owned; input from the first that is still needed on */
    size_t n_buffer;
    size_t at;      /* in the buffer: the first input of the next output */
    size_t phase;   /* place of the next output after input at + half - 1, in units of 1 / up */
    uint64_t n_in;  /* samples that were taken */
    uint64_t n_out; /* samples that were given */
};

static const double pi = 3.14159265358979323846;

/** The modified Bessel function of order 0, by its series. */
static double bessel(double x)
{
    double sum = 1.0, term = 1.0;

    for (int k = 1; term > sum * 1e-17; k++) {
        term *= (x / 2.0 / k) * (x / 2.0 / k);
        sum += term;
    }
    return sum;
}

/** The filter at a distance in input samples, times a constant.
 *  @param cutoff  in cycles an input sample */
static double filter_at(double distance, double cutoff, double reach)
{
    const double u = distance / reach, x = 2.0 * cutoff * distance;

    if (u <= -1.0 || u >= 1.0)
        return 0.0;
    return bessel(BETA * sqrt(1.0 - u * u)) * (x == 0.0 ? 1.0 : sin(pi * x) / (pi * x));
}

/** Fills the table; the taps of each phase add up to 1, so that a constant stays one. */
static void fill_taps(ws_polyphase *converter, double ratio)
{
    const double reach = WS_POLYPHASE_HALF_WIDTH / ratio, cutoff = (0.5 - TRANSITION / 2.0) * ratio;

    for (size_t p = 0; p <= converter->n_phases; p++) {
        const double place =
            (double)p / (double)converter->n_phases + (double)converter->half - 1.0;
        float *taps = converter->taps + p * converter->n_taps;
        double sum = 0.0;
        for (size_t i = 0; i < 2 * converter->half; i++)
            sum += filter_at(place - (double)i, cutoff, reach);
        for (size_t i = 0; i < 2 * converter->half; i++)
            taps[i] = (float)(filter_at(place - (double)i, cutoff, reach) / sum);
    }
}

static ws_status check_rates(int from_hz, int to_hz, ws_error *err)
{
    const int low = from_hz < to_hz ? from_hz : to_hz, high = from_hz < to_hz ? to_hz : from_hz;

    if (low < 1 || high > WS_POLYPHASE_MAX_HZ)
        return ws_fail(err, WS_EINVAL, "a sample rate of %d Hz: expected 1 to %d",
                       low < 1 ? low : high, WS_POLYPHASE_MAX_HZ);
    if (high / low >= WS_POLYPHASE_MAX_RATIO && high != low * WS_POLYPHASE_MAX_RATIO)
        return ws_fail(err, WS_EINVAL,
                       "sound of %d Hz cannot be converted to %d Hz: expected rates that are at "
                       "most %d times apart",
                       from_hz, to_hz, WS_POLYPHASE_MAX_RATIO);
    return WS_OK;
}

ws_status ws_polyphase_create(int from_hz, int to_hz, ws_polyphase **converter, ws_error *err)
{
    *converter = NULL;
    const ws_status status = check_rates(from_hz, to_hz, err);
    if (status != WS_OK)
        return status;
    ws_polyphase *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "converting sound");
    const size_t divisor = ws_find_divisor((size_t)from_hz, (size_t)to_hz);
    const double ratio = from_hz > to_hz ? (double)to_hz / (double)from_hz : 1.0;
    made->up = (size_t)to_hz / divisor;
    made->down = (size_t)from_hz / divisor;
    made->half = (size_t)ceil(WS_POLYPHASE_HALF_WIDTH / ratio);
    made->n_taps = (2 * made->half + LANES - 1) / LANES * LANES;
    made->n_phases = made->up <= MAX_PHASES ? made->up : MAX_PHASES;
    made->taps = calloc((made->n_phases + 1) * made->n_taps, sizeof *made->taps);
    made->between = calloc(made->n_taps, sizeof *made->between);
    made->buffer = calloc(made->n_taps + BLOCK, sizeof *made->buffer);
    if (made->taps == NULL || made->between == NULL || made->buffer == NULL) {
        ws_polyphase_destroy(made);
        return ws_fail_memory(err, "converting sound");
    }
    fill_taps(made, ratio);
    ws_polyphase_reset(made);
    *converter = made;
    return WS_OK;
}

void ws_polyphase_destroy(ws_polyphase *converter)
{
    if (converter == NULL)
        return;
    free(converter->taps);
    free(converter->between);
    free(converter->buffer);
    free(converter);
}

void ws_polyphase_reset(ws_polyphase *converter)
{
    memset(converter->buffer, 0, (converter->n_taps + BLOCK) * sizeof *converter->buffer);
    converter->n_buffer = converter->half - 1; /* silence before the first sample */
    converter->at = 0;
    converter->phase = 0;
    converter->n_in = 0;
    converter->n_out = 0;
}

/** The taps for a phase: a row of the table, or a mixture of two. */
static const float *find_taps(ws_polyphase *converter)
{
    const size_t n_taps = converter->n_taps;

    if (converter->n_phases == converter->up)
        return converter->taps + converter->phase * n_taps;
    const size_t scaled = converter->phase * converter->n_phases;
    const float *row = converter->taps + scaled / converter->up * n_taps;
    const float share = (float)(scaled % converter->up) / (float)converter->up;
    for (size_t i = 0; i < n_taps; i++)
        converter->between[i] = row[i] + share * (row[n_taps + i] - row[i]);
    return converter->between;
}

/** In a fixed order, whatever the compiler makes of it. */
static float sum_products(const float *a, const float *b, size_t n)
{
    float sums[LANES] = {0};

    for (size_t i = 0; i < n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            sums[k] += a[i + k] * b[i + k];
    for (size_t k = LANES / 2; k > 0; k /= 2)
        for (size_t j = 0; j < k; j++)
            sums[j] += sums[j + k];
    return sums[0];
}

/** Makes what the buffer has the input for. */
static size_t convert(ws_polyphase *converter, float *out, size_t n_out)
{
    size_t n = 0;

    while (n < n_out && converter->at + 2 * converter->half <= converter->n_buffer) {
        out[n++] = sum_products(find_taps(converter), converter->buffer + converter->at,
                                converter->n_taps);
        converter->phase += converter->down;
        converter->at += converter->phase / converter->up;
        converter->phase %= converter->up;
    }
    converter->n_out += n;
    return n;
}

/** Appends input, after removing what no later output needs. @return the number of samples */
static size_t take(ws_polyphase *converter, const float *in, size_t n_in)
{
    const size_t n_old = converter->at < converter->n_buffer ? converter->at : converter->n_buffer;
    const size_t room = 2 * converter->half + BLOCK - LANES;
    size_t n = room - converter->n_buffer;

    if (n < n_in && n_old > 0) {
        memmove(converter->buffer, converter->buffer + n_old,
                (converter->n_buffer - n_old) * sizeof *converter->buffer);
        converter->n_buffer -= n_old;
        converter->at -= n_old;
        n = room - converter->n_buffer;
    }
    if (n > n_in)
        n = n_in;
    memcpy(converter->buffer + converter->n_buffer, in, n * sizeof *in);
    converter->n_buffer += n;
    return n;
}

size_t ws_polyphase_run(ws_polyphase *converter, const ws_polyphase_job *job, size_t *n_used)
{
    size_t n_done = 0, n_taken, n;

    *n_used = 0;
    do {
        n_taken = take(converter, job->in + *n_used, job->n_in - *n_used);
        n = convert(converter, job->out + n_done, job->n_out - n_done);
        *n_used += n_taken;
        n_done += n;
    } while (n_done < job->n_out && n_taken + n > 0);
    converter->n_in += *n_used;
    return n_done;
}

size_t ws_polyphase_finish(ws_polyphase *converter, float *out, size_t n_out)
{
    static const float silence[64]; /* short: it takes room in the library */
    const uint64_t n_all =
        (converter->n_in * converter->up + converter->down - 1) / converter->down;
    size_t n_done = 0;

    while (n_done < n_out && converter->n_out < n_all) {
        const uint64_t n_left = n_all - converter->n_out;
        const size_t n_room = n_out - n_done;
        (void)take(converter, silence, sizeof silence / sizeof *silence);
        n_done += convert(converter, out + n_done, n_left < n_room ? (size_t)n_left : n_room);
    }
    return n_done;
}
