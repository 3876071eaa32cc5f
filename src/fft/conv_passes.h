/**
 * Private: one stage of a transform is a pass over an array of complex numbers, in which each
 * butterfly of r points takes r elements, transforms them in registers and stores r elements. The
 * body of each kind of pass is written once, for any radix; CONV_RADICES makes a function of it
 * for every radix, and a table finds the function of a radix.
 */
#ifndef WS_FFT_CONV_PASSES_H
#define WS_FFT_CONV_PASSES_H

#include <stdbool.h>
#include <stdint.h>

#include "fft/conv_codelets.h"
#include "fft/conv_fft.h"

/** Floats from one butterfly to the next and from one of its points to the next. */
typedef struct conv_strides {
    size_t outer, inner, point;
} conv_strides;

typedef struct conv_pass {
    int n_outer, n_inner; /* butterflies */
    const float *in;
    conv_strides from;
    float *out;
    conv_strides to;
    const int32_t *table; /* [butterflies, r] floats from `in` or `out`, in place of strides */
    int re, im;           /* where the parts are in an element: 0, 16; swapped in an inverse */
    const float *factors; /* [elements, 2], elements WS_CONV_COMPLEX floats apart */
    const float *fetch;   /* what to fetch into cache meanwhile: same strides as in */
} conv_pass;

/** How a pass reaches its elements on one side. */
typedef enum conv_access {
    CONV_PLAIN,    /* by strides */
    CONV_BY_TABLE, /* by the table */
    CONV_SCALED,   /* loads: by strides, times the conjugate factor */
    CONV_ADDED,    /* stores: by strides, the conjugate factor times it added */
    CONV_FETCHING, /* loads: by strides, and fetch the same elements of what comes next */
    CONV_STREAMED, /* stores: by strides, around the caches */
} conv_access;

/** conj(factor) a; with swapped parts that is factor a, as swap(f a) = conj(f) swap(a). */
INLINE cvec conv_times_conjugate(const float *factor, cvec a)
{
    return cvec_rotate(a, factor[0], factor[1]);
}

/** The factor of an element at this distance in floats from the first. */
INLINE const float *conv_factor(const float *factors, ptrdiff_t floats)
{
    return factors + floats / (WS_CONV_COMPLEX / 2);
}

/** Where a butterfly is. */
typedef struct conv_butterfly {
    const float *in;
    float *out;
    const int32_t *table; /* its own r entries */
} conv_butterfly;

INLINE void conv_load_points(int r, conv_access access, const conv_pass *pass,
                             const conv_butterfly *here, int lane, cvec *x)
{
    const ptrdiff_t ahead = access == CONV_FETCHING ? pass->fetch - pass->in : 0;
    const float *in = here->in;

    UNROLL
    for (int k = 0; k < r; k++, in += pass->from.point) {
        const float *at = access == CONV_BY_TABLE ? pass->in + here->table[k] : in;
        if (access == CONV_FETCHING && lane == 0) {
            __builtin_prefetch(in + ahead, 0, 2);
            __builtin_prefetch(in + ahead + WS_CONV_LANES, 0, 2);
        }
        x[k] = cvec_load(at + pass->re + lane, at + pass->im + lane);
        if (access == CONV_SCALED)
            x[k] = conv_times_conjugate(conv_factor(pass->factors, in - pass->in), x[k]);
    }
}

INLINE void conv_store_points(int r, conv_access access, const conv_pass *pass,
                              const conv_butterfly *here, int lane, const cvec *x)
{
    float *out = here->out;

    UNROLL
    for (int k = 0; k < r; k++, out += pass->to.point) {
        float *at = access == CONV_BY_TABLE ? pass->out + here->table[k] : out;
        cvec value = x[k];
        if (access == CONV_STREAMED) {
            vec_stream(at + pass->re + lane, value.re);
            vec_stream(at + pass->im + lane, value.im);
            continue;
        }
        if (access == CONV_ADDED) {
            value = conv_times_conjugate(conv_factor(pass->factors, out - pass->out), value);
            value = cvec_add(value, cvec_load(at + pass->re + lane, at + pass->im + lane));
        }
        vec_store(at + pass->re + lane, value.re);
        vec_store(at + pass->im + lane, value.im);
    }
}

/** Asks for the lines that a butterfly will write while it is still computed. */
INLINE void conv_prepare_stores(int r, const conv_pass *pass, const conv_butterfly *here)
{
    UNROLL
    for (int k = 0; k < r; k++) {
        __builtin_prefetch(pass->out + here->table[k], 1, 3);
        __builtin_prefetch(pass->out + here->table[k] + WS_CONV_LANES, 1, 3);
    }
}

/**
 * Complex to complex. An inverse transform is the same pass with the parts swapped on both sides:
 * swap(a + ib) = i conj(a + ib), and conjugating input and output turns exp(-x) into exp(+x).
 */
INLINE void conv_complex_pass(int r, conv_access load, conv_access store, const conv_pass *pass)
{
    const bool has_table = load == CONV_BY_TABLE || store == CONV_BY_TABLE;
    conv_butterfly here = {.table = pass->table};

    for (int i = 0; i < pass->n_outer; i++) {
        here.in = pass->in + (size_t)i * pass->from.outer;
        here.out = pass->out + (size_t)i * pass->to.outer;
        for (int j = 0; j < pass->n_inner; j++) {
            if (store == CONV_BY_TABLE)
                conv_prepare_stores(r, pass, &here);
            VEC_LANES (lane) {
                cvec x[CONV_MAX_RADIX];
                conv_load_points(r, load, pass, &here, lane, x);
                dft(r, x);
                conv_store_points(r, store, pass, &here, lane, x);
            }
            here.in += pass->from.inner;
            here.out += pass->to.inner;
            here.table += has_table ? r : 0;
        }
    }
}

/** Points of an image's row and their frequencies between the row's two stages. */
typedef struct conv_row_pass {
    int n;                 /* butterflies */
    const int16_t *col_of; /* [n, r] column of the image, or -1: zero, or not wanted */
    float *half;           /* [r/2 + 1, n] complex */
    float *waste;          /* 16 floats */
} conv_row_pass;

/**
 * First stage of a real row: r real points (16 floats each) to frequencies 0 .. r/2. The others
 * are their conjugates; 0 and r/2 are real, and their imaginary parts are not written.
 */
INLINE void conv_real_first(int r, const conv_row_pass *pass, const float *row)
{
    static const float zero[WS_CONV_LANES];
    const int16_t *col_of = pass->col_of;
    const size_t step = (size_t)pass->n * WS_CONV_COMPLEX;

    for (int i = 0; i < pass->n; i++, col_of += r) {
        VEC_LANES (lane) {
            cvec x[CONV_MAX_RADIX];
            UNROLL
            for (int k = 0; k < r; k++) {
                const float *in = col_of[k] < 0 ? zero : row + col_of[k] * WS_CONV_LANES;
                x[k] = (cvec){vec_load(in + lane), vec_zero()};
            }
            dft(r, x);
            float *out = pass->half + i * WS_CONV_COMPLEX + lane;
            UNROLL
            for (int k = 0; k <= r / 2; k++, out += step) {
                vec_store(out, x[k].re);
                if (k > 0 && 2 * k != r)
                    vec_store(out + WS_CONV_LANES, x[k].im);
            }
        }
    }
}

/** Its inverse: a forward transform of frequencies 0 .. r/2 and their conjugates gives the points
 *  in reverse, x[(r - n) mod r]. */
INLINE void conv_real_first_inverse(int r, const conv_row_pass *pass, float *row)
{
    const int16_t *col_of = pass->col_of;
    const size_t step = (size_t)pass->n * WS_CONV_COMPLEX;

    for (int i = 0; i < pass->n; i++, col_of += r) {
        VEC_LANES (lane) {
            cvec x[CONV_MAX_RADIX];
            const float *in = pass->half + i * WS_CONV_COMPLEX + lane;
            UNROLL
            for (int k = 0; k <= r / 2; k++, in += step) {
                x[k] = (cvec){vec_load(in), vec_zero()};
                if (k > 0 && 2 * k != r) {
                    x[k].im = vec_load(in + WS_CONV_LANES);
                    x[r - k] = (cvec){x[k].re, -x[k].im};
                }
            }
            dft(r, x);
            UNROLL
            for (int k = 0; k < r; k++) {
                float *out = col_of[k] < 0 ? pass->waste : row + col_of[k] * WS_CONV_LANES;
                vec_store(out + lane, x[(r - k) % r].re);
            }
        }
    }
}

/** Where the frequencies of a row's real stage are: DC, then 1 .. (r-1)/2, then r/2 if r is even.
 *  dc and nyquist are halves of an element. */
typedef struct conv_half {
    float *dc, *others, *nyquist;
} conv_half;

/** Second stage, on real input: the real parts of r neighbouring elements. */
INLINE void conv_real_second(int r, const float *in, const conv_half *out)
{
    VEC_LANES (lane) {
        cvec x[CONV_MAX_RADIX];
        UNROLL
        for (int k = 0; k < r; k++)
            x[k] = (cvec){vec_load(in + k * WS_CONV_COMPLEX + lane), vec_zero()};
        dft(r, x);
        vec_store(out->dc + lane, x[0].re);
        UNROLL
        for (int k = 1; k <= (r - 1) / 2; k++) {
            float *to = out->others + (k - 1) * WS_CONV_COMPLEX + lane;
            vec_store(to, x[k].re);
            vec_store(to + WS_CONV_LANES, x[k].im);
        }
        if (r % 2 == 0)
            vec_store(out->nyquist + lane, x[r / 2].re);
    }
}

/** Its inverse: a forward transform gives x in reverse, x[(r - n) mod r]. */
INLINE void conv_real_second_inverse(int r, const conv_half *in, float *out)
{
    VEC_LANES (lane) {
        cvec x[CONV_MAX_RADIX];
        x[0] = (cvec){vec_load(in->dc + lane), vec_zero()};
        UNROLL
        for (int k = 1; k <= (r - 1) / 2; k++) {
            const float *from = in->others + (k - 1) * WS_CONV_COMPLEX + lane;
            x[k] = cvec_load(from, from + WS_CONV_LANES);
            x[r - k] = (cvec){x[k].re, -x[k].im};
        }
        if (r % 2 == 0)
            x[r / 2] = (cvec){vec_load(in->nyquist + lane), vec_zero()};
        dft(r, x);
        UNROLL
        for (int k = 0; k < r; k++)
            vec_store(out + k * WS_CONV_COMPLEX + lane, x[(r - k) % r].re);
    }
}

#define CONV_DEFINE_COMPLEX(name, r, load, store)           \
    static void complex_##name##_##r(const conv_pass *pass) \
    {                                                       \
        conv_complex_pass(r, load, store, pass);            \
    }
#define CONV_DEFINE(r)                                                        \
    CONV_DEFINE_COMPLEX(plain, r, CONV_PLAIN, CONV_PLAIN)                     \
    CONV_DEFINE_COMPLEX(gather, r, CONV_BY_TABLE, CONV_PLAIN)                 \
    CONV_DEFINE_COMPLEX(scatter, r, CONV_PLAIN, CONV_BY_TABLE)                \
    CONV_DEFINE_COMPLEX(scale, r, CONV_SCALED, CONV_PLAIN)                    \
    CONV_DEFINE_COMPLEX(add, r, CONV_PLAIN, CONV_ADDED)                       \
    CONV_DEFINE_COMPLEX(fetch, r, CONV_FETCHING, CONV_PLAIN)                  \
    CONV_DEFINE_COMPLEX(stream, r, CONV_PLAIN, CONV_STREAMED)                 \
    static void real_first_##r(const conv_row_pass *pass, const float *row)   \
    {                                                                         \
        conv_real_first(r, pass, row);                                        \
    }                                                                         \
    static void real_first_inverse_##r(const conv_row_pass *pass, float *row) \
    {                                                                         \
        conv_real_first_inverse(r, pass, row);                                \
    }                                                                         \
    static void real_second_##r(const float *in, const conv_half *out)        \
    {                                                                         \
        conv_real_second(r, in, out);                                         \
    }                                                                         \
    static void real_second_inverse_##r(const conv_half *in, float *out)      \
    {                                                                         \
        conv_real_second_inverse(r, in, out);                                 \
    }
CONV_RADICES(CONV_DEFINE)

/** The passes of each radix: conv_passes[r].complex_plain(&pass). */
static const struct {
    void (*complex_plain)(const conv_pass *);
    void (*complex_gather)(const conv_pass *);
    void (*complex_scatter)(const conv_pass *);
    void (*complex_scale)(const conv_pass *);
    void (*complex_add)(const conv_pass *);
    void (*complex_fetch)(const conv_pass *);
    void (*complex_stream)(const conv_pass *);
    void (*real_first)(const conv_row_pass *, const float *);
    void (*real_first_inverse)(const conv_row_pass *, float *);
    void (*real_second)(const float *, const conv_half *);
    void (*real_second_inverse)(const conv_half *, float *);
} conv_passes[CONV_MAX_RADIX + 1] = {
#define CONV_ROW(r)                                      \
    [r] = {.complex_plain = complex_plain_##r,           \
           .complex_gather = complex_gather_##r,         \
           .complex_scatter = complex_scatter_##r,       \
           .complex_scale = complex_scale_##r,           \
           .complex_add = complex_add_##r,               \
           .complex_fetch = complex_fetch_##r,           \
           .complex_stream = complex_stream_##r,         \
           .real_first = real_first_##r,                 \
           .real_first_inverse = real_first_inverse_##r, \
           .real_second = real_second_##r,               \
           .real_second_inverse = real_second_inverse_##r},
    CONV_RADICES(CONV_ROW)};

#endif
