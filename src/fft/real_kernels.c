/*
 * The transform of real_plan.h, compiled once per instruction set: WS_LEVEL is the name of this
 * one.
 *
 * Two real samples are one complex one: z[i] = x[2i] + sqrt(-1) x[2i+1], i < h = n/2. The complex
 * FFT of z is done in place on bit-reversed input, two radix-2 layers at a time (a radix-4
 * butterfly: three twiddle products instead of four, half the passes over memory), with a lone
 * radix-2 layer first if their number is odd. At the end the spectra of the even and the odd
 * samples are taken apart and joined.
 */
#include "fft/conv_vec.h"
#include "fft/lanes.h"
#include "fft/real_internal.h"

static void load(const ws_fft_real *plan, const ws_f64_part *in, ws_f64_part *re, ws_f64_part *im)
{
    for (size_t i = 0; i < plan->half; i++) {
        const ws_f64_part *even = in + 2 * plan->reversed[i] * WS_F64_PARTS;
        const ws_f64_part *odd = even + WS_F64_PARTS;
        for (size_t part = 0; part < WS_F64_PARTS; part++) {
            re[i * WS_F64_PARTS + part] = even[part];
            im[i * WS_F64_PARTS + part] = odd[part];
        }
    }
}

/** The first layer: pairs of neighbours, all twiddles 1. */
static void run_radix2(size_t half, ws_f64_part *re, ws_f64_part *im)
{
    for (size_t row = 0; row < half; row += 2) {
        for (size_t part = 0; part < WS_F64_PARTS; part++) {
            const size_t a = row * WS_F64_PARTS + part, b = a + WS_F64_PARTS;
            const ws_f64_part a_re = re[a], a_im = im[a];
            re[a] = a_re + re[b];
            im[a] = a_im + im[b];
            re[b] = a_re - re[b];
            im[b] = a_im - im[b];
        }
    }
}

/** Factors of the second, third and fourth quarter of a radix-4 butterfly. In bit-reversed order
 *  the second quarter holds the samples 2 mod 4, so it is turned twice as far as the third. */
typedef struct twiddles {
    double b_re, b_im, c_re, c_im, d_re, d_im;
} twiddles;

/** One butterfly on one part of the rows 0, step, 2 step and 3 step (counted in parts). */
static inline void butterfly(ws_f64_part *re, ws_f64_part *im, size_t step, const twiddles *w)
{
    const ws_f64_part b_re = re[step] * w->b_re - im[step] * w->b_im;
    const ws_f64_part b_im = re[step] * w->b_im + im[step] * w->b_re;
    const ws_f64_part c_re = re[2 * step] * w->c_re - im[2 * step] * w->c_im;
    const ws_f64_part c_im = re[2 * step] * w->c_im + im[2 * step] * w->c_re;
    const ws_f64_part d_re = re[3 * step] * w->d_re - im[3 * step] * w->d_im;
    const ws_f64_part d_im = re[3 * step] * w->d_im + im[3 * step] * w->d_re;
    const ws_f64_part sum_re = re[0] + b_re, sum_im = im[0] + b_im;
    const ws_f64_part dif_re = re[0] - b_re, dif_im = im[0] - b_im;

    re[0] = sum_re + (c_re + d_re);
    im[0] = sum_im + (c_im + d_im);
    re[step] = dif_re + (c_im - d_im);
    im[step] = dif_im - (c_re - d_re);
    re[2 * step] = sum_re - (c_re + d_re);
    im[2 * step] = sum_im - (c_im + d_im);
    re[3 * step] = dif_re - (c_im - d_im);
    im[3 * step] = dif_im + (c_re - d_re);
}

/** Two layers: from transforms of length m, four of which follow each other, to length 4m. */
static void run_radix4(const ws_fft_real *plan, size_t m, ws_f64_part *re, ws_f64_part *im)
{
    const size_t stride = plan->half / (4 * m); /* of the twiddle table */
    const double *re_h = plan->cos_h, *im_h = plan->sin_h;

    for (size_t j = 0; j < m; j++) {
        const size_t k = j * stride;
        const twiddles w = {re_h[2 * k], im_h[2 * k], re_h[k], im_h[k], re_h[3 * k], im_h[3 * k]};
        for (size_t row = j; row < plan->half; row += 4 * m) {
            for (size_t part = 0; part < WS_F64_PARTS; part++) {
                const size_t at = row * WS_F64_PARTS + part;
                butterfly(re + at, im + at, m * WS_F64_PARTS, &w);
            }
        }
    }
}

/**
 * Entries k and h-k of the spectrum of x from those of z. With E and O the spectra of the even and
 * odd samples, Z[k] = E[k] + i O[k] and conj(Z[h-k]) = E[k] - i O[k]; then X[k] = E[k] + w O[k] and
 * X[h-k] = conj(E[k] - w O[k]).
 */
static inline void split_pair(ws_f64_part *re, ws_f64_part *im, ws_f64_part *mirror_re,
                              ws_f64_part *mirror_im, const double w[2])
{
    const ws_f64_part even_re = 0.5 * (*re + *mirror_re), even_im = 0.5 * (*im - *mirror_im);
    const ws_f64_part odd_re = 0.5 * (*im + *mirror_im), odd_im = 0.5 * (*mirror_re - *re);
    const ws_f64_part turned_re = odd_re * w[0] - odd_im * w[1];
    const ws_f64_part turned_im = odd_re * w[1] + odd_im * w[0];

    *mirror_re = even_re - turned_re;
    *mirror_im = turned_im - even_im;
    *re = even_re + turned_re;
    *im = even_im + turned_im;
}

/** From the spectrum of z to that of x, in place. */
static void split(const ws_fft_real *plan, ws_f64_part *re, ws_f64_part *im)
{
    const size_t half = plan->half, last = half * WS_F64_PARTS;

    for (size_t part = 0; part < WS_F64_PARTS; part++) {
        const ws_f64_part z_re = re[part], z_im = im[part];
        re[part] = z_re + z_im;
        re[last + part] = z_re - z_im;
        im[part] = im[last + part] = (ws_f64_part){0};
    }
    for (size_t k = 1; k <= half / 2; k++) {
        const double w[2] = {plan->cos_n[k], plan->sin_n[k]};
        for (size_t part = 0; part < WS_F64_PARTS; part++) {
            const size_t a = k * WS_F64_PARTS + part, b = (half - k) * WS_F64_PARTS + part;
            split_pair(re + a, im + a, re + b, im + b, w);
        }
    }
}

void LEVEL_NAME(ws_fft_real_run)(const ws_fft_real *plan, const double *in, double *re, double *im)
{
    const ws_f64_part *x = (const ws_f64_part *)(const void *)in;
    ws_f64_part *z_re = (ws_f64_part *)(void *)re;
    ws_f64_part *z_im = (ws_f64_part *)(void *)im;
    size_t m = 1;

    load(plan, x, z_re, z_im);
    if (plan->n_layers % 2 == 1) {
        run_radix2(plan->half, z_re, z_im);
        m = 2;
    }
    for (; m < plan->half; m *= 4)
        run_radix4(plan, m, z_re, z_im);
    split(plan, z_re, z_im);
}
