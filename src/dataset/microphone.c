#include "dataset/microphone.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/** A filter of second order: y[i] = b0 x[i] + b1 x[i-1] + b2 x[i-2] - a1 y[i-1] - a2 y[i-2]. */
typedef struct filter {
    double b0, b1, b2, a1, a2;
    double s1, s2; /* its memory (transposed direct form) */
} filter;

/** Butterworth's, by the bilinear transform. */
static filter make_filter(double hz, int sample_rate_hz, int is_high_pass)
{
    const double w = 2.0 * pi * hz / sample_rate_hz, c = cos(w);
    const double alpha = sin(w) / sqrt(2.0), a0 = 1.0 + alpha;
    const double edge = is_high_pass ? (1.0 + c) / 2.0 : (1.0 - c) / 2.0;

    return (filter){
        .b0 = edge / a0,
        .b1 = (is_high_pass ? -2.0 : 2.0) * edge / a0,
        .b2 = edge / a0,
        .a1 = -2.0 * c / a0,
        .a2 = (1.0 - alpha) / a0,
    };
}

static double step(filter *f, double x)
{
    const double y = f->b0 * x + f->s1;

    f->s1 = f->b1 * x - f->a1 * y + f->s2;
    f->s2 = f->b2 * x - f->a2 * y;
    return y;
}

static double draw_hz(ws_random *random, double low, double high)
{
    return exp(log(low) + log(high / low) * ws_random_uniform(random));
}

void ws_microphone_draw(ws_random *random, int sample_rate_hz, double clip_chance, double peak,
                        ws_microphone *microphone)
{
    const double half = sample_rate_hz / 2.0;

    microphone->low_hz = draw_hz(random, 30.0, 350.0);
    microphone->high_hz = draw_hz(random, 0.4 * half, 0.95 * half);
    const double share = 0.15 + 0.75 * ws_random_uniform(random);
    microphone->most = ws_random_uniform(random) < clip_chance ? share * peak : 1.0;
}

void ws_microphone_run(const ws_microphone *microphone, int sample_rate_hz, float *samples,
                       size_t n)
{
    filter high_pass = make_filter(microphone->low_hz, sample_rate_hz, 1);
    filter low_pass = make_filter(microphone->high_hz, sample_rate_hz, 0);
    const double most = microphone->most;

    for (size_t i = 0; i < n; i++) {
        double x = (double)samples[i];
        x = x > most ? most : x < -most ? -most : x;
        samples[i] = (float)step(&low_pass, step(&high_pass, x));
    }
}
